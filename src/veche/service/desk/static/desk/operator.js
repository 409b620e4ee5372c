// The operator's form: what is typed outlives a lost connection, a closed tab and a crash of the browser.
//
// A draft lies in this browser only, encrypted (AES-GCM) with a key that the server keeps in the person's
// session: on the disk it is of use to nobody else, and to nobody at all once the session is over. Where the
// browser has no cryptography (plain http to another machine) a draft is kept in the memory of the page alone.

import { tell, words } from "../page.js";

const PLACE = "veche-call";
const FIELDS = ["tenant", "text", "address", "contact", "name", "mark", "answers"];
const PAUSE_MS = 400;
const form = document.getElementById("call");
const away = document.getElementById("away");
const kept = document.getElementById("kept");
let saving = 0;

const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
const key = globalThis.crypto?.subtle
  ? crypto.subtle.importKey("raw", bytes(form.dataset.draftKey), "AES-GCM", false, ["encrypt", "decrypt"])
  : null;

async function keep() {
  if (!key) return;
  const typed = Object.fromEntries(FIELDS.map((name) => [name, form.elements[name]?.value ?? ""]));
  if (!typed.text && !typed.contact) return forget();
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const data = new TextEncoder().encode(JSON.stringify(typed));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, await key, data);
  localStorage.setItem(PLACE, `${text(nonce)}.${text(sealed)}`);
}

async function takeUp() {
  const [nonce, sealed] = (localStorage.getItem(PLACE) ?? "").split(".");
  if (!key || !sealed) return;
  try {
    const data = await crypto.subtle.decrypt({ name: "AES-GCM", iv: bytes(nonce) }, await key, bytes(sealed));
    const typed = JSON.parse(new TextDecoder().decode(data));
    // What the server sent back with an error is newer than the draft.
    if (form.elements.text.value) return;
    for (const name of FIELDS) if (form.elements[name]) form.elements[name].value = typed[name];
    kept.hidden = false;
    document.body.dispatchEvent(new CustomEvent("veche:kept"));
  } catch {
    // Of an earlier session: nobody can read it any more.
    forget();
  }
}

function forget() {
  clearTimeout(saving);
  localStorage.removeItem(PLACE);
}

function typing() {
  clearTimeout(saving);
  saving = setTimeout(keep, PAUSE_MS);
}

async function send(event) {
  event.preventDefault();
  await keep();
  const button = form.querySelector("button.first");
  button.disabled = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "follow" });
    const to = new URL(answer.url);
    if (to.pathname.startsWith("/account/login/")) {
      tell(words("signed-out"), "error", [words("sign-in"), `/account/login/?next=${location.pathname}`]);
    } else if (answer.ok && to.searchParams.has("taken")) {
      forget();
      location.assign(to);
    } else if (answer.status === 422) {
      show(await answer.text());
    } else {
      tell(words("failed"), "error");
    }
  } catch {
    // The mark in the form makes it one appeal, however often it is sent.
    away.hidden = false;
    tell(words("lost"), "error");
  } finally {
    button.disabled = false;
  }
}

/** Show what is wrong where it is wrong; the rest of the page, and what was typed, stays. */
function show(html) {
  const came = new DOMParser().parseFromString(html, "text/html").getElementById("call");
  if (!came) return tell(words("failed"), "error");
  const typed = FIELDS.map((name) => [name, form.elements[name]?.value]);
  form.replaceChildren(...document.importNode(came, true).childNodes);
  for (const [name, value] of typed) if (form.elements[name] && name !== "mark") form.elements[name].value = value;
  (form.querySelector("[aria-invalid=true]") ?? form.elements.text).focus();
}

if (form) {
  form.addEventListener("input", typing);
  form.addEventListener("submit", send);
  document.addEventListener("change", (event) => {
    if (event.target.name !== "before") return;
    form.elements.answers.value = event.target.value;
    typing();
  });
  document.getElementById("drop").addEventListener("click", () => {
    forget();
    for (const name of FIELDS) if (!["mark", "tenant"].includes(name)) form.elements[name].value = "";
    kept.hidden = true;
    form.elements.text.focus();
  });
  addEventListener("offline", () => (away.hidden = false));
  addEventListener("online", () => (away.hidden = true));
  // After the scripts of the page, which look at what was typed.
  if (document.readyState === "complete") takeUp();
  else addEventListener("load", takeUp);
}
