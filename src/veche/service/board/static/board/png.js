// A chart or a map as a picture for a slide: its title, what it is about, the drawing, and where it comes from.

import { bars, chartAt, colour, figures } from "./charts.js";

const SCALE = 2;
const WIDTH = 1000;
const EDGE = 24;

/** Save the picture of what a button names: a chart or a map by data-drawing, or a table of bars by its id. */
export async function save(button) {
  const name = button.dataset.png;
  const of = document.querySelector(`[data-drawing="${name}"]`) ?? document.getElementById(name);
  const drawing = of.dataset.map ? await mapOf(of) : chartAt(of) ? await chartOf(of) : await barsOf(of);
  const link = document.createElement("a");
  link.href = sheet(drawing, button.dataset).toDataURL("image/png");
  link.download = `${button.dataset.name}.png`;
  link.click();
}

function sheet(drawing, said) {
  const canvas = document.createElement("canvas");
  const top = 78;
  const height = Math.round((drawing.height * (WIDTH - 2 * EDGE)) / drawing.width);
  canvas.width = WIDTH * SCALE;
  canvas.height = (top + height + 44) * SCALE;
  const pen = canvas.getContext("2d");
  pen.scale(SCALE, SCALE);
  pen.fillStyle = colour("--paper");
  pen.fillRect(0, 0, canvas.width, canvas.height);
  const family = getComputedStyle(document.body).fontFamily;
  const write = (text, y, font, ink) => {
    pen.font = `${font} ${family}`;
    pen.fillStyle = colour(ink);
    pen.fillText(text, EDGE, y, WIDTH - 2 * EDGE);
  };
  write(said.title, 36, "600 20px", "--ink");
  write(said.about, 60, "14px", "--soft");
  pen.drawImage(drawing, EDGE, top, WIDTH - 2 * EDGE, height);
  write(said.source, top + height + 28, "12px", "--soft");
  return canvas;
}

function image(url) {
  return new Promise((done, fail) => {
    const made = new Image();
    made.onload = () => done(made);
    made.onerror = fail;
    made.src = url;
  });
}

const chartOf = (place) =>
  image(chartAt(place).getDataURL({ pixelRatio: SCALE, backgroundColor: colour("--paper") }));

async function barsOf(table) {
  const c = figures(table.dataset.figures);
  const place = document.createElement("div");
  const instance = echarts.init(place, null, { renderer: "canvas", width: WIDTH - 2 * EDGE, height: 28 * Math.max(c.names.length, 2) });
  instance.setOption(bars(c));
  const made = await image(instance.getDataURL({ pixelRatio: SCALE, backgroundColor: colour("--paper") }));
  instance.dispose();
  return made;
}

async function mapOf(place) {
  const svg = place.querySelector(".leaflet-overlay-pane svg");
  const copy = svg.cloneNode(true);
  const box = svg.getAttribute("viewBox").split(" ").map(Number);
  copy.removeAttribute("style");
  copy.setAttribute("width", box[2]);
  copy.setAttribute("height", box[3]);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const text = new XMLSerializer().serializeToString(copy);
  return image(`data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`);
}
