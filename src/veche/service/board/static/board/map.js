// The map: our own outlines on a flat sheet, drawn by Leaflet without tiles. One stop of the Tab key; arrow
// keys go from place to place in the order of the table beside it, Enter narrows to the place, as a click does.

import { colour, figures } from "./charts.js";

const CLASSES = 5;
const maps = new Map();

/** Return the colours of the classes from few to many, and of places without appeals. */
export function shades() {
  const [from, to] = [parse(colour("--paper")), parse(colour("--series-1"))];
  const mixed = (t) => `rgb(${from.map((v, i) => Math.round(v + (to[i] - v) * t)).join(", ")})`;
  return [...Array(CLASSES).keys()].map((i) => mixed(0.18 + (0.82 * i) / (CLASSES - 1)));
}

const parse = (text) => text.match(/[\d.]+/g).slice(0, 3).map(Number);

function style(found) {
  const filled = found && found.class !== null && found.class !== undefined;
  return {
    color: colour("--soft"),
    weight: 0.7,
    fillColor: filled ? shades()[found.class] : colour("--page"),
    fillOpacity: 1,
  };
}

const corners = (flat) => {
  const ring = [];
  for (let i = 0; i < flat.length; i += 2) ring.push([-flat[i + 1], flat[i]]);
  return ring;
};

/** What shows which place has the focus: above its neighbours, without moving the place in the document. */
function ringAround(layer) {
  const line = { color: colour("--focus"), weight: 3, fill: false, interactive: false };
  return layer.getRadius ? L.circleMarker(layer.getLatLng(), { ...line, radius: layer.getRadius() }) : L.polygon(layer.getLatLngs(), line);
}

class TerritoryMap {
  constructor(place, sheet, data) {
    this.place = place;
    this.data = data;
    this.layers = new Map();
    const bounds = [[-sheet.height, 0], [0, sheet.width]];
    this.map = L.map(place, {
      crs: L.CRS.Simple, keyboard: false, scrollWheelZoom: false, doubleClickZoom: false, boxZoom: false,
      zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false, inertia: false,
      zoomSnap: 0, zoomDelta: 0.7, minZoom: -4, maxZoom: 4, attributionControl: false, zoomControl: false,
      // One finger scrolls the page; two move the map.
      dragging: !L.Browser.mobile, touchZoom: true,
    });
    L.control.zoom({ zoomInTitle: place.dataset.in, zoomOutTitle: place.dataset.out }).addTo(this.map);
    this.map.fitBounds(bounds, { padding: [8, 8], animate: false });
    this.map.setMaxBounds(L.latLngBounds(bounds).pad(0.3));
    if (sheet.outline.length) L.polygon(sheet.outline.map(corners), { ...style(null), interactive: false }).addTo(this.map);
    for (const [code, rings] of Object.entries(sheet.areas)) this.add(code, L.polygon(rings.map((r) => [corners(r)]), style(data.places[code])));
    for (const [code, [x, y]] of Object.entries(sheet.points)) {
      const found = data.places[code];
      this.add(code, L.circleMarker([-y, x], { ...style(found), radius: 4 + 18 * Math.sqrt(found?.part ?? 0) }));
    }
    this.order = data.order.filter((code) => this.layers.has(code));
    this.rove(this.order[0]);
  }

  add(code, layer) {
    const found = this.data.places[code];
    layer.addTo(this.map);
    this.layers.set(code, layer);
    const path = layer.getElement();
    if (!found) {
      path.setAttribute("aria-hidden", "true");
      return;
    }
    const words = document.createElement("span");
    words.textContent = found.words;
    layer.bindTooltip(words, { sticky: true, opacity: 1 });
    path.setAttribute("role", "link");
    path.setAttribute("aria-label", found.words);
    path.setAttribute("tabindex", "-1");
    path.dataset.code = code;
    layer.on("click", () => this.follow(code));
    path.addEventListener("focus", () => {
      layer.openTooltip(layer.getCenter?.() ?? layer.getLatLng());
      this.ring = ringAround(layer).addTo(this.map);
    });
    path.addEventListener("blur", () => {
      layer.closeTooltip();
      this.ring?.remove();
    });
    path.addEventListener("keydown", (event) => this.onKey(event, code));
  }

  rove(code) {
    for (const [other, layer] of this.layers) {
      if (this.data.places[other]) layer.getElement().setAttribute("tabindex", other === code ? "0" : "-1");
    }
  }

  onKey(event, code) {
    const at = this.order.indexOf(code);
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: this.order.length - 1 }[event.key];
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.follow(code);
    } else if (to !== undefined) {
      event.preventDefault();
      const next = this.order[Math.max(0, Math.min(this.order.length - 1, to))];
      this.rove(next);
      this.layers.get(next).getElement().focus();
    }
  }

  follow(code) {
    document.querySelector(`#${this.place.dataset.table} a[data-code="${CSS.escape(code)}"]`)?.click();
  }

  repaint() {
    for (const [code, layer] of this.layers) layer.setStyle(style(this.data.places[code]));
  }
}

/** Draw the maps below an element that are not drawn yet. */
export async function drawMaps(root = document) {
  for (const place of root.querySelectorAll("[data-map]")) {
    if (maps.has(place) || !window.L) continue;
    maps.set(place, null);
    const data = figures(place.dataset.figures);
    const answer = await fetch(place.dataset.map, { headers: { Accept: "application/json" } });
    const sheet = answer.ok ? await answer.json() : null;
    // Meanwhile the picture may have been narrowed to another.
    if (sheet && place.isConnected) {
      maps.set(place, new TerritoryMap(place, sheet, data));
      place.dataset.drawn = "yes";
    }
  }
  for (const [place, map] of maps) {
    if (place.isConnected) continue;
    map?.map.remove();
    maps.delete(place);
  }
}

const repaint = () => maps.forEach((map) => map?.repaint());
document.body.addEventListener("veche:colours", repaint);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
addEventListener("resize", () => maps.forEach((map) => map?.map.invalidateSize({ animate: false })));
