// The list by keyboard: j and k move from appeal to appeal, x chooses one, Enter opens it. Without this script
// the list is a table of links and boxes to tick.

const rows = [...document.querySelectorAll("a.row")];
const boxes = [...document.querySelectorAll("input[name=ids]")];
const all = document.getElementById("all-here");
const told = document.getElementById("n-chosen");

const here = () => rows.findIndex((link) => link.closest("tr").contains(document.activeElement));

function move(step) {
  const at = here();
  const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1);
  rows[next]?.focus();
  rows[next]?.closest("tr").scrollIntoView({ block: "nearest" });
}

function choose() {
  const box = rows[here()]?.closest("tr").querySelector("input[name=ids]");
  if (!box) return;
  box.checked = !box.checked;
  tellChosen();
}

function tellChosen() {
  const n = boxes.filter((box) => box.checked).length;
  if (told) told.textContent = n ? String(n) : "";
  if (all) [all.checked, all.indeterminate] = [n > 0 && n === boxes.length, n > 0 && n < boxes.length];
}

for (const button of document.querySelectorAll("[data-move]")) {
  button.hidden = false;
  button.addEventListener("click", () => (button.dataset.move === "x" ? choose() : move(Number(button.dataset.move))));
}
if (all) {
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    tellChosen();
  });
}
for (const box of boxes) box.addEventListener("change", tellChosen);
// Coming back by the browser's button finds the boxes as they were.
addEventListener("pageshow", tellChosen);

// On a wide screen what narrows the list is open; most browsers show it before this by search.css.
const facets = document.querySelector(".facets");
if (facets && matchMedia("(min-width: 60.01rem)").matches) facets.open = true;
