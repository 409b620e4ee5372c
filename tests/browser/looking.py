"""How tests look at a page: what it asks for and complains of, and whether its text can be read."""

from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Page

_AXE = (Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text()
#: WCAG 2.2 A and AA, and what axe holds to be good practice.
_RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}

#: Contrast of each text with what lies behind it (WCAG 2.2, 1.4.3), for elements with text of their own.
CONTRAST = """() => {
  const rgb = (c) => c.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const c = rgb(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const e of document.querySelectorAll("body *")) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || ["SCRIPT", "STYLE", "TITLE"].includes(e.tagName) || !e.checkVisibility()) continue;
    const svg = e.closest("svg");
    const style = getComputedStyle(e);
    const [a, b] = [light(rgb(svg ? style.fill : style.color)), light(behind(e))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (!svg && ratio < 4.5) poor.push(`${e.tagName} ${e.className} ${ratio.toFixed(2)}`);
  }
  return poor;
}"""

#: How wide the page is with all of its folded parts open.
UNFOLDED_WIDTH = """() => {
  document.querySelectorAll("details").forEach((e) => { e.open = true; });
  document.querySelectorAll(".more").forEach((e) => e.click());
  return document.documentElement.scrollWidth;
}"""


#: How much of the page moved by itself while it was drawn (Layout Instability API), and what it was.
SHIFTED = """() => new Promise((told) => {
  let sum = 0;
  const what = [];
  new PerformanceObserver((list) => {
    for (const e of list.getEntries()) {
      sum += e.value;
      for (const { node, previousRect: from, currentRect: to } of e.sources) {
        what.push(`${node?.nodeName}.${node?.className} ${from.x},${from.y} to ${to.x},${to.y}`);
      }
    }
  }).observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => told([sum, what.join("; ")])));
})"""

#: What is wider than the window, the innermost first.
WIDE = """(width) => [...document.querySelectorAll("body *")]
  .filter((e) => e.getBoundingClientRect().right > width + 1 && !e.closest(".scroll") && e.checkVisibility())
  .slice(-3).map((e) => `${e.tagName}.${e.className}`).join(" ")"""

#: Numbers all controls that can be seen; fields that belong together (radio) are one.
CONTROLS = """() => {
  const groups = new Set();
  const kinds = "a[href], button, input, select, textarea, summary, [tabindex='0']";
  const all = [...document.querySelectorAll(kinds)];
  return all.filter((e) => {
    if (e.disabled || e.type === "hidden" || !e.checkVisibility({ visibilityProperty: true })) return false;
    if (e.closest("[inert], dialog:not([open])")) return false;
    if (e.getAttribute("tabindex") === "-1") return false;
    if (e.type !== "radio") return true;
    const known = groups.has(e.name);
    groups.add(e.name);
    return !known && !all.some((o) => o.name === e.name && o.checked && o !== e);
  }).map((e, i) => (e.dataset.control = String(i)));
}"""

#: What is asked for by a click and is no control.
HANDLED = """() => [...document.querySelectorAll("[hx-get], [hx-post], [onclick]")]
  .filter((e) => !e.matches("a[href], button, input, select, textarea, form, summary, [tabindex='0']"))
  .filter((e) => !e.getAttribute("hx-trigger"))
  .map((e) => e.outerHTML.slice(0, 120))"""

#: Texts and labels in Latin letters, but for what people wrote, names, codes and keys.
LATIN = """() => {
  const found = [];
  const own = ".letter, .glimpse, [lang=en], code, kbd, .secret, .codes, .maker, .code, script, template";
  const names = ["aria-label", "title", "placeholder"];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!e.closest(own)) found.push(walk.currentNode.data.trim());
  }
  for (const e of document.querySelectorAll(names.map((n) => `[${n}]`).join())) {
    if (!e.closest(own)) found.push(...names.map((n) => e.getAttribute(n) ?? ""));
  }
  return [...new Set(found)].filter((text) => /[A-Za-z]{3,}/.test(text));
}"""


class Opened:
    """A page, with all that it complained of or asked for."""

    def __init__(self, page: Page, path: Path) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.goto(path.as_uri())


def axe(page: Page) -> Iterator[str]:
    """Yield what axe finds wrong with a page as it is shown now."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE)
    for found in page.evaluate("rules => axe.run(document, rules)", _RULES)["violations"]:
        for node in found["nodes"][:3]:
            yield f"{found['id']}: {node['html'][:160]} {node['failureSummary'][:200]!r}"


def axe_in_both_themes(page: Page) -> Iterator[str]:
    """Yield what axe finds wrong with a page in its light theme and in its dark one."""
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        yield from (f"{theme}: {problem}" for problem in axe(page))


def complaint(message: ConsoleMessage) -> str:
    """Return what a page complains of on its console; "" where it is as it should be."""
    return message.text if message.type == "error" else ""
