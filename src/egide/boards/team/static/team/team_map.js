// The map of one alarm: circle, trail, bans, places and the zone's border.
import { COLOURS, drawAlarm, drawPlaces, follow, newMap, partsOf } from "../egide/map.js";
import { words } from "./taps.js";

const LEAST_M = 1200;
const PLACES_FROM_ZOOM = 11;

let map, marks, around;
let loadedAt = "";
let moved = false;

function start() {
  document.getElementById("map").replaceChildren();
  // One finger scrolls the page; two move the map.
  map = newMap("map", "topright", { dragging: !L.Browser.mobile, scrollWheelZoom: false });
  around = L.layerGroup().addTo(map);
  marks = L.layerGroup().addTo(map);
  map.on("dragstart", () => (moved = true));
}

/** Draw the value of boards.shown.map.map_of. */
export function draw(alarm) {
  const { position } = alarm;
  document.getElementById("map").hidden = !position;
  if (!position) return;
  if (!map) start();
  map.invalidateSize();
  marks.clearLayers();
  drawAlarm(marks, alarm, words);
  const at = L.latLng(position.lat, position.lon);
  if (!loadedAt) map.fitBounds(at.toBounds(Math.max(LEAST_M, position.accuracy * 3)), { animate: false });
  else if (!moved) follow(map, at);
  loadAround(at);
}

async function loadAround(at) {
  const key = `${at.lat.toFixed(1)},${at.lng.toFixed(1)}`;
  if (key === loadedAt) return;
  loadedAt = key;
  try {
    const reply = await fetch(`${document.body.dataset.base}places`, { headers: { "X-Egide-Fragment": "1" } });
    if (reply.ok) drawAround(partsOf(await reply.json()));
  } catch {
    loadedAt = " ";
  }
}

function drawAround({ places, zones }) {
  around.clearLayers();
  L.geoJSON(zones, { interactive: false, style: { color: COLOURS.here, weight: 2, fillOpacity: 0.04 } }).addTo(around);
  const towns = L.layerGroup();
  drawPlaces(towns, places);
  const show = () => (map.getZoom() >= PLACES_FROM_ZOOM ? towns.addTo(around) : towns.remove());
  map.on("zoomend", show);
  show();
}
