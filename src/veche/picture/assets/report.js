// Draws the charts from the figures in the page, and folds long tables. All colours come from the style
// sheet, so light, dark and print need no second drawing. The page is whole without this program, but for
// the charts, whose numbers stand in tables.
"use strict";
(() => {
  const page = JSON.parse(document.getElementById("data").textContent);
  const colour = (name) => `var(--${name})`;
  const font = getComputedStyle(document.body).fontFamily;
  const text = { color: colour("ink"), fontFamily: font, fontSize: 12 };
  const quiet = { ...text, color: colour("quiet") };

  const number = (value) => {
    const digits = Number.isInteger(value) ? 0 : 1;
    const [whole, rest] = Math.abs(value).toFixed(digits).split(".");
    const grouped = whole.replace(/\B(?=(\d{3})+$)/g, page.thousands);
    return (value < 0 ? "\u2212" : "") + grouped + (rest ? page.decimal + rest : "");
  };
  const axisLine = { axisLine: { lineStyle: { color: colour("quiet") } }, axisTick: { show: false } };
  const grid = { left: 4, right: 28, top: 12, bottom: 4, containLabel: true };
  const valueAxis = {
    type: "value",
    minInterval: 1,
    splitNumber: 4,
    axisLabel: { ...quiet, formatter: number },
    splitLine: { lineStyle: { color: colour("rule") } },
  };
  const tooltip = {
    renderMode: "richText",
    confine: true,
    backgroundColor: colour("paper"),
    borderColor: colour("quiet"),
    borderWidth: 1,
    padding: 8,
    shadowBlur: 0,
    textStyle: text,
    transitionDuration: 0,
  };
  const common = { animation: false, tooltip, textStyle: { fontFamily: font }, stateAnimation: { duration: 0 } };
  const plain = { emphasis: { disabled: true } };

  const drawings = {
    line: (c) => ({
      ...common,
      grid: { ...grid, top: c.mean.length ? 34 : 12 },
      legend: c.mean.length ? { top: 0, left: 0, itemWidth: 16, itemHeight: 8, textStyle: text, selectedMode: false, data: [c.label, c.meanLabel] } : undefined,
      tooltip: { ...tooltip, trigger: "axis", axisPointer: { type: "line", lineStyle: { color: colour("quiet") } }, valueFormatter: (v) => (v === null || v === undefined ? "–" : number(v)) },
      xAxis: { type: "category", data: c.names, axisLabel: { ...quiet, hideOverlap: true }, ...axisLine },
      yAxis: valueAxis,
      series: [
        { name: c.label, type: "bar", data: c.values, barCategoryGap: "20%", itemStyle: { color: colour("c2") }, ...plain },
        ...(c.mean.length ? [{ name: c.meanLabel, type: "line", data: c.mean, symbol: "none", lineStyle: { color: colour("accent"), width: 2.5 }, itemStyle: { color: colour("accent") }, ...plain }] : []),
      ],
    }),
    columns: (c) => ({
      ...common,
      grid: { ...grid, top: 24 },
      tooltip: { ...tooltip, trigger: "axis", axisPointer: { type: "none" }, valueFormatter: number },
      xAxis: { type: "category", data: c.names, axisLabel: { ...quiet, interval: 0 }, ...axisLine },
      yAxis: { ...valueAxis, axisLabel: { show: false }, splitLine: { show: false } },
      series: [{ name: c.label, type: "bar", data: c.values, barCategoryGap: "25%", itemStyle: { color: colour("c2") }, label: { show: true, position: "top", formatter: (p) => number(Math.round(p.value)), ...text }, ...plain }],
    }),
    stack: (c) => ({
      ...common,
      grid: { ...grid, top: 52 },
      legend: { top: 0, left: 0, itemWidth: 14, itemHeight: 10, textStyle: text, selectedMode: false },
      tooltip: { ...tooltip, trigger: "axis", axisPointer: { type: "none" }, valueFormatter: number },
      xAxis: { ...valueAxis, max: c.total, axisLabel: { ...quiet, formatter: (v) => number(Math.round((100 * v) / c.total)) + page.space + "%" }, interval: c.total / 4 },
      yAxis: { type: "category", data: c.names, inverse: true, axisLabel: text, ...axisLine },
      series: c.series.map((s, i) => ({ name: s.name, type: "bar", stack: "all", data: s.values, barWidth: "62%", itemStyle: { color: colour(`s${i}`) }, ...plain })),
    }),
    boxes: (c) => {
      const tint = (change) => colour(change === null || change === undefined ? "box" : change >= 0.25 ? "box-rise" : change <= -0.25 ? "box-fall" : "box");
      const dress = (boxes) => boxes.map((b) => ({ name: b.name, value: b.value, itemStyle: { color: tint(b.change) }, children: b.children && dress(b.children) }));
      return {
        ...common,
        tooltip: { ...tooltip, formatter: (p) => (p.name ? `${p.name}: ${number(p.value)}` : "") },
        series: [{
          type: "treemap", data: dress(c.boxes), left: 0, right: 0, top: 0, bottom: 0,
          roam: false, nodeClick: false, breadcrumb: { show: false }, visibleMin: 60, ...plain,
          label: { ...text, overflow: "truncate", padding: [3, 5], position: "insideTopLeft", formatter: (p) => `${p.name}\n${number(p.value)}`, lineHeight: 16 },
          upperLabel: { show: true, height: 22, ...text, fontWeight: 600, formatter: (p) => `${p.name}  ${number(p.value)}` },
          itemStyle: { borderColor: colour("paper"), gapWidth: 1, borderWidth: 0 },
          levels: [{ itemStyle: { gapWidth: 4, borderWidth: 0 }, upperLabel: { show: false } }, { itemStyle: { gapWidth: 1, borderWidth: 2, borderColor: colour("panel") } }],
        }],
      };
    },
  };

  const drawn = [];
  for (const place of document.querySelectorAll("[data-chart]")) {
    const chart = page.charts[place.dataset.chart];
    const instance = echarts.init(place, null, { renderer: "svg" });
    instance.setOption(drawings[chart.type](chart));
    drawn.push(instance);
  }
  const fit = () => drawn.forEach((instance) => instance.resize());
  addEventListener("resize", fit);
  addEventListener("beforeprint", fit);

  for (const list of document.querySelectorAll("[data-more]")) {
    const rows = [...(list.tagName === "TABLE" ? list.tBodies[0].rows : list.children)];
    const first = Number(list.dataset.more);
    const folded = first ? rows.slice(first) : rows.filter((row) => row.hasAttribute("data-folded"));
    if (folded.length <= 2) continue;
    folded.forEach((row) => { row.hidden = true; });
    const button = document.createElement("button");
    button.type = "button";
    button.className = "more";
    button.textContent = page.more.replace("{n}", number(rows.length));
    button.addEventListener("click", () => {
      folded.forEach((row) => { row.hidden = false; });
      folded[0].tabIndex = -1;
      folded[0].focus();
      button.remove();
    });
    (list.closest(".scroll") || list).after(button);
  }

  for (const box of document.querySelectorAll(".scroll")) {
    if (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight) box.tabIndex = 0;
  }

  const root = document.documentElement;
  const kept = (() => { try { return localStorage; } catch { return null; } })();
  const before = kept && kept.getItem("veche-theme");
  if (before === "dark" || before === "light") root.dataset.theme = before;
  const button = document.getElementById("theme");
  button.hidden = false;
  button.addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    if (kept) kept.setItem("veche-theme", root.dataset.theme);
  });
})();
