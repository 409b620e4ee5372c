// Themes: says how many appeals are picked for a split, and keeps one from being picked for both sides. Nothing
// moves by itself: where a theme was told or decided about meanwhile, the list says so.

const changed = document.getElementById("themes-changed");
if (changed) {
  document.body.addEventListener("veche:theme", (event) => {
    if (event.detail?.key) changed.hidden = false;
  });
}

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
