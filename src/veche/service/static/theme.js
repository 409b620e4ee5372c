// Colours and density change at once; the server keeps the choice, and draws the next page right from the start.

const media = { dark: "all", light: "not all", system: "(prefers-color-scheme: dark)" };

document.getElementById("look")?.addEventListener("submit", (event) => {
  const { name, value } = event.submitter ?? {};
  if (!name) return;
  event.preventDefault();
  const form = event.currentTarget;
  const data = new FormData(form);
  data.set(name, value);
  document.documentElement.dataset[name] = value;
  if (name === "theme") document.getElementById("dark").media = media[value];
  for (const button of form.querySelectorAll(`button[name="${name}"]`)) {
    button.setAttribute("aria-pressed", String(button.value === value));
  }
  fetch(form.action, { method: "POST", body: data, redirect: "manual", keepalive: true });
  // Charts draw with colours that they read once.
  document.body.dispatchEvent(new CustomEvent("veche:colours"));
});
