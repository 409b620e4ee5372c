// Keys of a page: whatever has data-key="a" is pressed by that key. Nothing to register; a part that htmx
// swaps in brings its keys along.
//
//   data-key="a"            a letter, wherever it lies: Latin letters also work under a Russian layout
//   data-key="g d"          one after the other, within a second and a half
//   data-key="Enter"        names as KeyboardEvent.key has them; "Ctrl+Enter", "Shift+A", "Alt+1" too
//   data-key-also="Enter"   a second key for the same, not shown
//   data-key-words="..."    what the list of keys says, where the element's own words do not tell
//
// Single keys rest while somebody types, and where a person switched them off (WCAG 2.2, 2.1.4). In an open
// dialog only its own keys work. A field is focused; anything else is clicked.

const PAUSE_MS = 1500;
const MODIFIERS = ["Control", "Alt", "Shift", "Meta"];
const FIELDS = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]";
const dialog = document.getElementById("keys");
let first = "";
let firstAt = 0;

/** Return what was pressed as data-key names it. */
export function pressed(event) {
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1];
  const plain = letter && !/^[a-z]$/i.test(event.key) ? letter.toLowerCase() : event.key;
  const name = plain.length === 1 ? plain.toLowerCase() : plain;
  const shift = event.shiftKey && (plain.length > 1 || letter);
  const held = [event.ctrlKey && "Ctrl", event.altKey && "Alt", event.metaKey && "Meta", shift && "Shift"];
  return [...held.filter(Boolean), shift && letter ? name.toUpperCase() : name].join("+");
}

const usable = (e) => !e.disabled && (e.hidden ? e.id === "show-keys" : e.checkVisibility());

function keyed() {
  const open = [...document.querySelectorAll("dialog[open]")].pop();
  return [...(open ?? document).querySelectorAll("[data-key]")].filter(usable);
}

function press(element) {
  if (element.matches(FIELDS)) {
    element.focus();
    element.select?.();
  } else {
    element.click();
  }
}

function onKey(event) {
  const found = meant(event);
  if (!found) return;
  event.preventDefault();
  press(found);
}

/** Return what an event presses; nothing where the key is not ours, or belongs to what has the focus. */
function meant(event) {
  if (event.defaultPrevented || event.isComposing || MODIFIERS.includes(event.key)) return;
  const now = pressed(event);
  const single = !/^(Ctrl|Alt|Meta)\+|^F\d+$|^Escape$/.test(now);
  if (single && (event.target.matches?.(FIELDS) || document.documentElement.dataset.keys === "off")) return;
  // Enter and the space bar belong to what has the focus.
  if (/^(Enter| )$/.test(now) && event.target.matches?.("a, button, summary, input, [role=button]")) return;
  const both = Date.now() - firstAt < PAUSE_MS && first ? `${first} ${now}` : "";
  const candidates = keyed();
  const has = (e) => e.dataset.key === now || e.dataset.keyAlso === now;
  const found = (both && candidates.find((e) => e.dataset.key === both)) || candidates.find(has);
  first = found ? "" : now;
  firstAt = Date.now();
  return found;
}

/** Take up what was pressed before the scripts were there, if it leads to a place or a field. What acts does
    not: its reader had not seen the page. What came after that was meant for what it would have brought. */
function catchUp() {
  const found = window.early.map(meant).find(Boolean);
  if (found?.matches(`a[href], ${FIELDS}`)) press(found);
  window.early = null;
  document.addEventListener("keydown", onKey);
}

const says = (e) =>
  (e.dataset.keyWords || e.getAttribute("aria-label") || e.labels?.[0]?.textContent || e.textContent || e.title)
    .trim()
    .replace(/\s+/g, " ");

/** Show all keys of the page with their words. */
export function showKeys() {
  const rows = new Map(keyed().map((e) => [e.dataset.key, says(e)]));
  dialog.querySelector(".key-list").replaceChildren(
    ...[...rows].map(([key, text]) => {
      const row = document.createElement("li");
      const name = row.appendChild(document.createElement("kbd"));
      name.textContent = key;
      row.append(text);
      return row;
    }),
  );
  dialog.showModal();
}

if (dialog) {
  addEventListener("DOMContentLoaded", catchUp);
  const opener = document.getElementById("show-keys");
  opener?.removeAttribute("hidden");
  opener?.addEventListener("click", showKeys);
} else {
  window.early = null;
}
