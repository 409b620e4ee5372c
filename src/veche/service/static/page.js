// What holds for every page: words of the page for scripts, messages, focus and errors around htmx.

const region = () => document.getElementById("messages");
const template = document.getElementById("page-words");

/** Words of the page in the reader's language, by name; "" where there are none. */
export function words(name) {
  return template?.content.querySelector(`[data-name="${name}"]`)?.textContent ?? "";
}

/** Tell the reader something: `kind` is "success", "warning" or "error"; `link` is [words, address]. */
export function tell(text, kind = "success", link = null) {
  const list = document.createElement("ul");
  const item = list.appendChild(document.createElement("li"));
  item.className = kind;
  item.textContent = text;
  if (link) {
    const to = document.createElement("a");
    [to.textContent, to.href] = link;
    item.append(" ", to);
  }
  region()?.replaceChildren(list);
  region()?.scrollIntoView({ block: "nearest" });
}

const signIn = () =>
  `/account/login/?next=${encodeURIComponent(location.pathname + location.search)}`;

// A session that ended answers with the page to sign in: that is no part of this page.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!event.detail.xhr.responseURL.includes("/account/login/")) return;
  event.detail.shouldSwap = false;
  tell(words("signed-out"), "error", [words("sign-in"), signIn()]);
});

document.addEventListener("htmx:responseError", (event) => {
  const name = { 403: "gone", 404: "gone", 410: "gone", 429: "many" }[event.detail.xhr.status];
  tell(words(name ?? "failed"), "error");
});
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => tell(words("lost"), "error"));
}

// Answers may carry words for the reader: HX-Trigger: {"veche:message": {"text": ..., "kind": ...}}.
document.addEventListener("veche:message", (event) => tell(event.detail.text, event.detail.kind));

// What had the focus may be gone after a swap; then what came instead has it, and nobody starts at the top.
document.addEventListener("htmx:afterSettle", (event) => {
  if (document.activeElement && document.activeElement !== document.body) return;
  const asked = event.detail.elt;
  const came = asked?.id === "beside" ? document.getElementById("help") : asked;
  if (!came?.isConnected || came.closest("[data-quiet]")) return;
  const next = came.querySelector("[autofocus]") ?? came;
  if (next === came && !came.hasAttribute("tabindex")) came.tabIndex = -1;
  next.focus({ preventScroll: true });
});

// Help stands beside the page; asked for again, it goes.
const helpLink = document.getElementById("show-help");
const closeHelp = () => {
  document.getElementById("help")?.remove();
  helpLink?.focus();
};
helpLink?.addEventListener("htmx:beforeRequest", (event) => {
  if (!document.getElementById("help")) return;
  event.preventDefault();
  closeHelp();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("#close-help")) closeHelp();
});
