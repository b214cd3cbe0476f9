// The way of an alarm on the map: a slider goes through every position that the phone gave, with its time and accuracy.
import { loadLeaflet } from "../egide/streets.js";

const element = document.getElementById("way");
const slider = document.getElementById("moment");
const said = document.getElementById("moment-said");
const NEAR_AFTER_MS = 250;
const LEAST_M = 600;

let map, drawing, marks, asked;

const told = element ? JSON.parse(element.dataset.way) : null;
const time = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: element?.dataset.timeZone });

async function start() {
  const { placeBan, residenceBan } = element.dataset;
  await loadLeaflet(element);
  drawing = await import("../egide/map.js");
  map = drawing.newMap("way", "topleft", { scrollWheelZoom: false });
  const ground = L.layerGroup().addTo(map);
  marks = L.layerGroup().addTo(map);
  drawing.drawAlarm(ground, { ...told, position: null }, { placeBan, residenceBan });
  const points = told.way.map(({ lat, lon }) => [lat, lon]);
  L.polyline(points, { color: drawing.COLOURS.alarm, weight: 4, dashArray: "1 9", lineCap: "round", interactive: false }).addTo(ground);
  const last = told.way.at(-1);
  map.fitBounds(L.latLngBounds(points).extend(L.latLng(last.lat, last.lon).toBounds(Math.max(LEAST_M, last.accuracy * 2))), { animate: false });
}

function show() {
  const number = Number(slider.value);
  const at = told.way[number];
  const words = `${time.format(at.at)} · ${at.lat.toFixed(5)}, ${at.lon.toFixed(5)} (± ${at.accuracy} m)`;
  said.textContent = words;
  slider.setAttribute("aria-valuetext", words);
  clearTimeout(asked);
  asked = setTimeout(tellNear, NEAR_AFTER_MS, number, words);
  if (!map) return;
  const { COLOURS } = drawing;
  const color = told.duress ? COLOURS.duress : COLOURS.alarm;
  marks.clearLayers();
  L.circle([at.lat, at.lon], { radius: at.accuracy, color, weight: 3, fillOpacity: 0.2, interactive: false }).addTo(marks);
  L.circleMarker([at.lat, at.lon], { radius: 7, color: COLOURS.ground, weight: 2, fillColor: color, fillOpacity: 1, interactive: false }).addTo(marks);
  drawing.follow(map, [at.lat, at.lon]);
}

/** The address there, once the slider rests. */
async function tellNear(number, words) {
  const reply = await fetch(element.dataset.near.replace(/\d+$/, number), { headers: { "X-Egide-Fragment": "1" } }).catch(() => null);
  const near = reply?.ok ? await reply.text() : "";
  if (near && Number(slider.value) === number) said.textContent = `${words} · ${near}`;
}

if (element) {
  slider.addEventListener("input", show);
  show();
  // Without the map the slider goes on saying where and when.
  start().then(show, () => (element.hidden = true));
}
