// The desk without a mouse: what opens by a key takes the focus, the queue keeps its place, and what another
// person does with the open card shows at once. All of it works without this module too, a page at a time.

import { choose } from "./choose.js";

const desk = () => document.getElementById("desk");
const openCard = () => desk()?.dataset.card ?? "";
let scrolled = 0;

function prepare() {
  for (const select of document.querySelectorAll("select[data-choose]")) choose(select);
  counted();
  const queue = document.querySelector(".queue");
  if (!queue) return;
  queue.scrollTop = scrolled;
  queue.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
}

/** Whoever opened a menu by its key goes on typing in it: it has the focus before the next key comes. */
function opened(event) {
  const menu = event.target.closest?.("details.menu > summary")?.parentElement;
  if (!menu) return;
  event.preventDefault();
  menu.open = !menu.open;
  if (!menu.open) return;
  for (const other of document.querySelectorAll("details.menu[open]")) if (other !== menu) other.open = false;
  menu.querySelector("input:not([type=hidden]), select:not([hidden]), textarea, .panel button")?.focus();
}

function escaped(event) {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
  event.preventDefault();
}

/** After a swap the reader, also one who listens, stands at the head of the next card. */
function arrived(event) {
  if (event.target.id !== "desk" && event.detail?.target?.id !== "desk") return;
  prepare();
  document.querySelector("#card-title")?.focus({ preventScroll: true });
}

/** How many appeals the answer serves, less those that are left out. */
function counted() {
  const number = document.querySelector("[data-serves]");
  if (!number) return;
  const all = document.querySelector("input[name=without_exceptions]");
  const out = [...document.querySelectorAll("input[name=without]:checked")];
  const odd = all?.checked ? Number(all.dataset.exceptions) : 0;
  const besides = out.filter((box) => !odd || !box.closest("#exceptions"));
  number.textContent = (Number(number.dataset.serves) - odd - besides.length).toLocaleString(document.documentElement.lang);
}

/** Somebody did something with a card: the open one says so, one in the queue is marked. */
function changed(event) {
  const key = event.detail?.key ?? "";
  // Who sees a part of an authority, and who missed something, is told that a card changed, but not which.
  if (!key || key === openCard()) {
    if (document.getElementById("card-live")) window.htmx?.trigger("#card-live", "desk:look");
  } else document.querySelector(`.queue a[data-card="${CSS.escape(key)}"] .changed`)?.removeAttribute("hidden");
}

/** Another tab signed in anew, so the page's token is an old one: take the new one; nothing chosen is lost. */
async function refused(event) {
  if (event.detail.xhr.status !== 403) return;
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  const token = page.querySelector("input[name=csrfmiddlewaretoken]")?.value;
  const line = document.querySelector("#card-again");
  if (!token || !line) return location.reload();
  for (const input of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) input.value = token;
  line.hidden = false;
}

document.addEventListener("click", opened);
document.addEventListener("keydown", escaped);
document.addEventListener("veche:card", changed);
document.addEventListener("htmx:beforeSwap", () => (scrolled = document.querySelector(".queue")?.scrollTop ?? 0));
document.addEventListener("htmx:afterSwap", arrived);
document.addEventListener("change", counted);
document.addEventListener("htmx:responseError", refused);
// A page that the browser kept shows what was; what is stands on the server.
window.addEventListener("pageshow", (event) => event.persisted && location.reload());
prepare();
