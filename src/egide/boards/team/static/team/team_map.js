// The map of one alarm: no streets; circle, trail, bans, places and the zone's border.
import { words } from "./taps.js";

const COLOURS = { alarm: "#ff6b5e", duress: "#cf9cff", zone: "#6cb0ff", ban: "#ff9d94" };
const LEAST_M = 1200;
const PLACES_FROM_ZOOM = 11;

let map, marks, around;
let loadedAt = "";
let moved = false;

function start() {
  // One finger scrolls the page; two move the map.
  map = L.map("map", { zoomControl: false, attributionControl: false, zoomSnap: 0.5, dragging: !L.Browser.mobile, scrollWheelZoom: false });
  L.control.zoom({ position: "topright", zoomInTitle: "+", zoomOutTitle: "−" }).addTo(map);
  L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
  around = L.layerGroup().addTo(map);
  marks = L.layerGroup().addTo(map);
  map.on("dragstart", () => (moved = true));
}

function label(at, text, kind) {
  const word = document.createElement("span");
  word.className = `map-label ${kind}`;
  word.textContent = text;
  word.ariaHidden = "true";
  return L.marker(at, { interactive: false, keyboard: false, icon: L.divIcon({ className: "", html: word, iconSize: [0, 0] }) });
}

/** Draw the value of response.team_page.map_of. */
export function draw({ position, trail, bans, duress, old }) {
  document.getElementById("map").hidden = !position;
  if (!position) return;
  if (!map) start();
  map.invalidateSize();
  marks.clearLayers();
  const at = L.latLng(position.lat, position.lon);
  const color = duress ? COLOURS.duress : COLOURS.alarm;
  for (const ban of bans) {
    L.circle([ban.lat, ban.lon], { radius: ban.radius, color: COLOURS.ban, weight: 2, dashArray: "8 6", fillOpacity: ban.inside ? 0.14 : 0.05, interactive: false }).addTo(marks);
    const south = [ban.lat - ban.radius / 111_320, ban.lon];
    label(south, ban.kind === "residence-ban" ? words.residenceBan : words.placeBan, "ban").addTo(marks);
  }
  if (trail.length > 1) L.polyline(trail.map((fix) => [fix.lat, fix.lon]), { color, weight: 4, dashArray: "1 9", lineCap: "round", interactive: false }).addTo(marks);
  L.circle(at, { radius: position.accuracy, color, weight: 3, dashArray: old ? "4 6" : null, fillOpacity: 0.2, interactive: false }).addTo(marks);
  L.circleMarker(at, { radius: 7, color: "#0d1117", weight: 2, fillColor: color, fillOpacity: 1, interactive: false }).addTo(marks);
  if (!loadedAt) map.fitBounds(at.toBounds(Math.max(LEAST_M, position.accuracy * 3)), { animate: false });
  else if (!moved && !map.getBounds().pad(-0.1).contains(at)) map.panTo(at, { animate: false });
  loadAround(at);
}

async function loadAround(at) {
  const key = `${at.lat.toFixed(1)},${at.lng.toFixed(1)}`;
  if (key === loadedAt) return;
  loadedAt = key;
  try {
    const reply = await fetch(`${document.body.dataset.base}places`, { headers: { "X-Egide-Fragment": "1" } });
    if (reply.ok) drawAround(await reply.json());
  } catch {
    loadedAt = " ";
  }
}

function drawAround({ places, zones }) {
  around.clearLayers();
  for (const zone of zones) {
    const shape = { type: "MultiPolygon", coordinates: zone.polygons };
    L.geoJSON(shape, { interactive: false, style: { color: COLOURS.zone, weight: 2, fillOpacity: 0.04 } }).addTo(around);
  }
  const towns = L.layerGroup();
  for (const { name, lat, lon } of places) {
    L.circleMarker([lat, lon], { radius: 2.5, color: "#8fa0b3", weight: 0, fillOpacity: 1, interactive: false }).addTo(towns);
    label([lat, lon], name, "town").addTo(towns);
  }
  const show = () => (map.getZoom() >= PLACES_FROM_ZOOM ? towns.addTo(around) : towns.remove());
  map.on("zoomend", show);
  show();
}
