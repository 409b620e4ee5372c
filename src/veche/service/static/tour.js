// The tour for newcomers: a few sentences, each at what it speaks of. It starts when somebody asks for it,
// ends whenever they like, and is not offered again.

const offer = document.getElementById("tour");
const step = document.getElementById("tour-step");
const at = (name) => document.getElementById(`tour-${name}`);
let steps = [];
let now = 0;

function show(number) {
  now = Math.max(0, number);
  document.querySelector(".tour-here")?.classList.remove("tour-here");
  if (now >= steps.length) return end();
  const place = document.querySelector(steps[now].dataset.at);
  place.classList.add("tour-here");
  if (place.id !== "main") place.scrollIntoView({ block: "center" });
  at("words").textContent = steps[now].textContent;
  at("count").textContent = `${now + 1} / ${steps.length}`;
  at("back").disabled = now === 0;
  if (!step.open) step.show();
  at("next").focus({ preventScroll: true });
}

function end() {
  document.querySelector(".tour-here")?.classList.remove("tour-here");
  step.close();
  offer.remove();
  fetch(offer.action, { method: "POST", body: new FormData(offer), headers: { "HX-Request": "true" }, keepalive: true });
  document.getElementById("main").focus({ preventScroll: true });
}

function start() {
  const all = [...document.getElementById("tour-steps").content.children];
  steps = all.filter((each) => document.querySelector(each.dataset.at)?.checkVisibility());
  show(0);
}

if (offer) {
  at("next").addEventListener("click", () => show(now + 1));
  at("back").addEventListener("click", () => show(now - 1));
  at("end").addEventListener("click", end);
  const begin = document.getElementById("start-tour");
  begin.hidden = false;
  begin.addEventListener("click", start);
}
