// Draws the time line with ECharts from the figures that stand in the page. A click on a column follows the
// link of the same row in the table beside it, so chart and table never differ in what they do.
//
// Charts and maps have no id: htmx carries styles over to what comes in with the same id.
//
// Colours are read from the style sheet and drawn anew when they change. Tooltips are drawn, never HTML.

const FONT = () => getComputedStyle(document.body).fontFamily;
const drawn = new Map();

/** Return a colour of the style sheet ("--ink") as the canvas takes it. */
export function colour(name) {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

/** Return the figures of a chart: `<template id="data-NAME">`; htmx lets no script in, of whatever type. */
export function figures(name) {
  const source = document.getElementById(`data-${name}`);
  return source ? JSON.parse(source.content.textContent) : null;
}

/** Return a number as the reader writes it. */
export function number(value, digits = 0) {
  const lang = document.documentElement.lang || "en";
  const shown = new Intl.NumberFormat(lang, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return shown.format(value);
}

const look = (large) => {
  // On a wall screen words are read across a room.
  const text = { color: colour("--ink"), fontFamily: FONT(), fontSize: large ? Math.round(innerHeight / 45) : 12 };
  const soft = { ...text, color: colour("--soft") };
  return { text, soft, line: colour("--line"), paper: colour("--paper"), first: colour("--series-1"), second: colour("--series-2"), bad: colour("--bad") };
};

const tooltip = (l) => ({
  renderMode: "richText", confine: true, backgroundColor: l.paper, borderColor: l.soft.color, borderWidth: 1,
  padding: 8, shadowBlur: 0, textStyle: l.text, transitionDuration: 0,
});

const common = (l) => ({ animation: false, stateAnimation: { duration: 0 }, textStyle: { fontFamily: l.text.fontFamily } });

/** Return what ECharts needs for a time line. */
export function timeline(c, large = false) {
  const l = look(large);
  const last = c.values.length - 1;
  const value = (v, i) =>
    c.unfinished && i === last
      ? { value: v, itemStyle: { color: "transparent", borderColor: l.first, borderType: "dashed", borderWidth: 1.5 } }
      : v;
  const at = (mark) => ({
    xAxis: mark.at,
    lineStyle: { color: mark.kind === "break" ? l.bad : l.soft.color, type: mark.kind === "break" ? "dashed" : "solid", width: 1 },
    label: { formatter: mark.sign, color: l.text.color, backgroundColor: l.paper, borderColor: l.soft.color, borderWidth: 1, borderRadius: 8, padding: [2, 5], fontSize: l.text.fontSize - 1, fontFamily: l.text.fontFamily },
  });
  const spans = c.marks.filter((m) => m.until > m.at);
  return {
    ...common(l),
    grid: { left: 4, right: 12, top: 3.5 * l.text.fontSize, bottom: 4, containLabel: true },
    legend: c.mean.length ? { top: 0, left: 0, itemWidth: 16, itemHeight: 8, textStyle: l.text, selectedMode: false, data: [c.label, c.meanLabel] } : undefined,
    tooltip: {
      ...tooltip(l), trigger: "axis", axisPointer: { type: "line", lineStyle: { color: l.soft.color } },
      valueFormatter: (v) => (v === null || v === undefined ? "–" : number(v, c.digits)),
    },
    xAxis: { type: "category", data: c.names, axisLabel: { ...l.soft, hideOverlap: true, alignMinLabel: "left", alignMaxLabel: "right" }, axisLine: { lineStyle: { color: l.soft.color } }, axisTick: { show: false } },
    yAxis: { type: "value", min: 0, minInterval: c.digits ? 0 : 1, splitNumber: 4, axisLabel: { ...l.soft, formatter: (v) => number(v, v % 1 ? 1 : 0) }, splitLine: { lineStyle: { color: l.line } } },
    series: [
      {
        name: c.label, type: "bar", data: c.values.map(value), barCategoryGap: "20%", itemStyle: { color: l.first }, emphasis: { disabled: true },
        markLine: { symbol: "none", silent: true, animation: false, data: c.marks.map(at) },
        markArea: { silent: true, animation: false, itemStyle: { color: l.soft.color, opacity: 0.12 }, data: spans.map((m) => [{ xAxis: m.at }, { xAxis: m.until }]) },
      },
      ...(c.mean.length ? [{ name: c.meanLabel, type: "line", data: c.mean, symbol: "none", lineStyle: { color: l.second, width: 2 }, itemStyle: { color: l.second }, emphasis: { disabled: true } }] : []),
    ],
  };
}

/** Return what ECharts needs for columns beside each other: two periods or places, by group. */
export function beside(c) {
  const l = look();
  return {
    ...common(l),
    grid: { left: 4, right: 40, top: 30, bottom: 4, containLabel: true },
    legend: { top: 0, left: 0, itemWidth: 16, itemHeight: 8, textStyle: l.text, selectedMode: false },
    tooltip: { ...tooltip(l), trigger: "axis", axisPointer: { type: "none" }, valueFormatter: (v) => (v === null ? "–" : number(v, c.digits)) },
    xAxis: { type: "value", min: 0, splitNumber: 4, axisLabel: { ...l.soft, formatter: (v) => number(v, v % 1 ? 1 : 0) }, splitLine: { lineStyle: { color: l.line } } },
    yAxis: { type: "category", inverse: true, data: c.names, axisLabel: { ...l.text, width: innerWidth < 600 ? 110 : 220, overflow: "truncate" }, axisLine: { lineStyle: { color: l.soft.color } }, axisTick: { show: false } },
    series: c.series.map((s, i) => ({ name: s.name, type: "bar", data: s.values, barGap: "10%", barCategoryGap: "35%", itemStyle: { color: i ? l.second : l.first }, emphasis: { disabled: true } })),
  };
}

/** Return what ECharts needs for bars of one series. */
export function bars(c) {
  const l = look();
  return {
    ...common(l),
    grid: { left: 4, right: 64, top: 4, bottom: 4, containLabel: true },
    xAxis: { type: "value", min: 0, show: false },
    yAxis: { type: "category", inverse: true, data: c.names, axisLabel: { ...l.text, width: 300, overflow: "truncate" }, axisLine: { show: false }, axisTick: { show: false } },
    series: [{ type: "bar", data: c.values, barCategoryGap: "30%", itemStyle: { color: l.first }, label: { show: true, position: "right", ...l.text, formatter: (p) => c.shown[p.dataIndex] } }],
  };
}

const DRAWINGS = { timeline, beside };

/** Draw the charts below an element that are not drawn yet. */
export function draw(root = document) {
  for (const place of root.querySelectorAll("[data-chart]")) {
    if (drawn.has(place)) continue;
    const c = figures(place.dataset.chart);
    if (!c || !window.echarts) continue;
    const instance = echarts.init(place, null, { renderer: "canvas" });
    instance.setOption(DRAWINGS[place.dataset.kind](c, "large" in place.dataset));
    if (c.follow) {
      // The whole height of a column is clicked: a small one is hard to hit.
      instance.getZr().on("click", (event) => {
        const at = [event.offsetX, event.offsetY];
        if (!instance.containPixel("grid", at)) return;
        const [index] = instance.convertFromPixel({ seriesIndex: 0 }, at);
        document.querySelector(`#${place.dataset.table} a[data-at="${index}"]`)?.click();
      });
    }
    drawn.set(place, instance);
  }
  for (const [place, instance] of drawn) {
    if (place.isConnected) continue;
    instance.dispose();
    drawn.delete(place);
  }
}

/** Draw all charts anew: their colours changed. */
export function repaint() {
  for (const [place, instance] of drawn) {
    instance.setOption(DRAWINGS[place.dataset.kind](figures(place.dataset.chart), "large" in place.dataset), true);
  }
}

/** Return the drawn chart of a place. */
export const chartAt = (place) => drawn.get(place);

addEventListener("resize", () => drawn.forEach((instance) => instance.resize()));
addEventListener("beforeprint", () => drawn.forEach((instance) => instance.resize()));
document.body.addEventListener("veche:colours", repaint);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
