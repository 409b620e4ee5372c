// The live picture: draws its charts and its map, and keeps its first numbers true while the page is open.
//
// Nothing moves by itself: numbers change where they stand, and a quiet line says how many appeals came since;
// whoever wants the rest of the page counted anew asks for it.

import { draw } from "./charts.js";
import { drawMaps } from "./map.js";
import { save } from "./png.js";

//: Numbers are asked for at most so often while many appeals come.
const PAUSE_MS = 2000;
let waiting = 0;

function start() {
  draw();
  drawMaps();
}

async function look() {
  waiting = 0;
  const picture = document.getElementById("picture");
  if (!picture?.dataset.now) return;
  const answer = await fetch(picture.dataset.now, { headers: { Accept: "application/json" } });
  if (!answer.ok || answer.redirected) return;
  const now = await answer.json();
  for (const [name, words] of Object.entries(now.tiles)) {
    const place = picture.querySelector(`[data-figure="${name}"]`);
    if (place && place.textContent !== words) place.textContent = words;
  }
  const line = document.getElementById("came");
  line.querySelector("span").textContent = now.came;
  line.classList.toggle("some", Boolean(now.came));
}

document.body.addEventListener("veche:counts", () => {
  waiting ||= setTimeout(look, PAUSE_MS);
});
document.addEventListener("htmx:load", start);
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button[data-png]");
  if (button) save(button);
});
for (const part of ["change"]) {
  document.addEventListener(part, (event) => {
    const form = event.target.closest?.("form[data-at-once]");
    if (form && event.target.matches("select")) form.requestSubmit();
  });
}
start();
