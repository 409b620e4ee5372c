// Makes a long list of choices a field that finds while one types (the combobox of WAI-ARIA APG).
// Without this module the list stays a list, and the form works.

const MOST = 10;
let made = 0;

const fold = (text) => text.toLowerCase().replaceAll("ё", "е").trim();

/** The choices that hold every typed word; those that begin with what was typed come first. */
function fitting(options, typed) {
  const words = fold(typed).split(/\s+/).filter(Boolean);
  const scored = [];
  for (const option of options) {
    const title = fold(option.text);
    const all = `${title} ${fold(option.dataset.under ?? "")} ${fold(option.value)}`;
    if (!words.every((word) => all.includes(word))) continue;
    const first = words[0] ?? "";
    const score = title.startsWith(first) ? 0 : title.includes(` ${first}`) ? 1 : title.includes(first) ? 2 : 3;
    scored.push([score, scored.length, option]);
  }
  return scored.sort((a, b) => a[0] - b[0] || a[1] - b[1]).map((row) => row[2]);
}

function row(option, id) {
  const item = document.createElement("li");
  item.id = id;
  item.role = "option";
  item.dataset.value = option.value;
  item.append(option.text);
  if (option.dataset.under) {
    const under = document.createElement("span");
    under.className = "soft";
    under.textContent = ` ${option.dataset.under}`;
    item.append(under);
  }
  return item;
}

/** Put a typed field before `select`; choosing sets the list and, where it asks for it, sends its form. */
export function choose(select) {
  if (select.dataset.chosen) return;
  select.dataset.chosen = "yes";
  const id = `choose${(made += 1)}`;
  const options = [...select.options].filter((option) => option.value);
  const input = document.createElement("input");
  const list = document.createElement("ul");
  let at = 0;
  Object.assign(input, { type: "text", role: "combobox", autocomplete: "off", spellcheck: false, id });
  input.ariaAutoComplete = "list";
  input.ariaExpanded = "false";
  input.setAttribute("aria-controls", `${id}-list`);
  const label = select.labels[0];
  if (label) label.htmlFor = id;
  Object.assign(list, { id: `${id}-list`, role: "listbox", className: "choices" });
  if (label) list.setAttribute("aria-label", label.textContent);
  select.hidden = true;
  input.value = select.value ? select.selectedOptions[0].text : "";
  select.before(input, list);

  const show = () => {
    const found = fitting(options, input.value).slice(0, MOST);
    list.replaceChildren(...found.map((option, i) => row(option, `${id}-${i}`)));
    point(0);
  };
  const point = (to) => {
    const items = [...list.children];
    at = items.length ? (to + items.length) % items.length : 0;
    items.forEach((item, i) => (item.ariaSelected = String(i === at)));
    input.ariaExpanded = String(items.length > 0);
    if (items[at]) input.setAttribute("aria-activedescendant", items[at].id);
    else input.removeAttribute("aria-activedescendant");
    items[at]?.scrollIntoView({ block: "nearest" });
  };
  const pick = (item) => {
    if (!item) return;
    select.value = item.dataset.value;
    input.value = select.selectedOptions[0].text;
    list.replaceChildren();
    input.ariaExpanded = "false";
    const button = select.dataset.send && document.getElementById(select.dataset.send);
    if (button) button.click();
  };
  input.addEventListener("input", show);
  input.addEventListener("focus", () => {
    input.select();
    show();
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown") point(at + 1);
    else if (event.key === "ArrowUp") point(at - 1);
    else if (event.key === "Enter") pick(list.children[at]);
    else return;
    event.preventDefault();
  });
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    pick(event.target.closest("li"));
  });
}
