// Themes: says how many appeals are picked for a split, and keeps one from being picked for both sides. The list
// is asked for anew when a theme was found meanwhile, unless somebody is in the middle of something.

const form = document.querySelector("form.split");

function count() {
  const picked = form.querySelectorAll("[name=belong]:checked").length;
  const shown = form.querySelector(".picked");
  shown.textContent = `(${picked || shown.dataset.none})`;
}

if (form) {
  form.addEventListener("change", (event) => {
    const box = event.target;
    if (box.type !== "checkbox") return;
    const other = box.name === "belong" ? "stay" : "belong";
    if (box.checked) box.closest("tr").querySelector(`[name=${other}]`).checked = false;
    count();
  });
  count();
}
