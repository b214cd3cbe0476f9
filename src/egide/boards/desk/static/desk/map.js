// The map: where the alarm is, how sure that is, whose zone, and which bans. No streets: lines, circles and words.
import { SILENT_AFTER_MS, serverNow } from "../boards/clock.js";
import { COLOURS, drawAlarm, drawPlaces, follow, label, mark, newMap, partsOf } from "../boards/map.js";
import { reachOf } from "./reach.js";
import { say } from "./words.js";

const OWN = { reach: "#f2b84b", line: "#465566", managing: "#4cc38a" };
const LABEL_FROM_ZOOM = 10;
const PLACES_FROM_ZOOM = 11.5;
// Wide enough to show the zone's border when it is near, narrow enough to see the circle.
const WIDTH_M = { least: 2800, withBorder: 7000, abroad: 40_000 };

const map = newMap("map", "topleft", { keyboard: true });
map.setView([50.6, 4.6], 8);
const zones = L.layerGroup().addTo(map);
const labels = L.layerGroup().addTo(map);
const towns = L.layerGroup().addTo(map);
const marks = L.layerGroup().addTo(map);
const reach = L.layerGroup().addTo(map);

let shownAlarm = "";
let loadedAt = "";
let features = [];
let moved = false;
let silence = null;
map.on("dragstart", () => (moved = true));
map.on("zoomend", () => {
  for (const [layer, from] of [[labels, LABEL_FROM_ZOOM], [towns, PLACES_FROM_ZOOM]]) {
    if (map.getZoom() >= from) layer.addTo(map);
    else layer.remove();
  }
});
addEventListener("resize", () => map.invalidateSize());

/** Draw one alarm (the value of boards.desk.whereabouts.desk_map_of). */
export async function draw(alarm) {
  const isNew = alarm.alarm !== shownAlarm;
  shownAlarm = alarm.alarm;
  if (isNew) moved = false;
  map.invalidateSize();
  drawMarks(alarm);
  if (alarm.position) look(alarm, isNew);
  await loadZones(alarm);
  if (shownAlarm !== alarm.alarm) return;
  drawZones(alarm);
  if (!alarm.position && isNew) lookAtZone(alarm.zone);
}

/** While the phone is silent: the circle in which the person can be by now, larger each second (safety rule 6). */
function drawReach() {
  reach.clearLayers();
  if (!silence || serverNow() - silence.heard <= SILENT_AFTER_MS) return;
  const radius = reachOf(silence.accuracy, silence.pace, silence.taken);
  L.circle([silence.lat, silence.lon], { radius, color: OWN.reach, weight: 2, dashArray: "10 8", fillOpacity: 0.04, interactive: false }).addTo(reach);
}
setInterval(drawReach, 1000);

/** The team that needs help (safety rule 14). */
function drawTeam({ lat, lon, accuracy }) {
  L.circle([lat, lon], { radius: accuracy, color: COLOURS.alarm, weight: 2, fillOpacity: 0.15, interactive: false }).addTo(marks);
  mark([lat, lon], "map-team").addTo(marks);
  label([lat, lon], say("teamHere"), "team").addTo(marks);
}

function drawMarks(alarm) {
  const { position, help, silence: quiet } = alarm;
  marks.clearLayers();
  silence = position && quiet ? { ...position, ...quiet } : null;
  drawReach();
  if (help) drawTeam(help);
  drawAlarm(marks, alarm, { placeBan: say("placeBan"), residenceBan: say("residenceBan") });
}

function width({ position, border, outside }) {
  const withBorder = (border ?? Infinity) * 2.4;
  const most = outside ? WIDTH_M.abroad : WIDTH_M.withBorder;
  return Math.max(WIDTH_M.least, position.accuracy * 3, withBorder <= most ? withBorder : 0);
}

function look(alarm, isNew) {
  const { position, bans } = alarm;
  const at = L.latLng(position.lat, position.lon);
  if (!isNew) {
    if (!moved) follow(map, at);
    return;
  }
  const bounds = at.toBounds(width(alarm));
  for (const ban of bans) {
    const centre = L.latLng(ban.lat, ban.lon);
    if (centre.distanceTo(at) < 6000) bounds.extend(centre.toBounds(ban.radius * 2.4));
  }
  map.fitBounds(bounds, { animate: false });
}

function lookAtZone(zone) {
  const feature = features.find((one) => one.properties.id === zone);
  if (feature) map.fitBounds(L.geoJSON(feature).getBounds(), { animate: false });
}

async function loadZones({ position, bans }) {
  const at = position ?? bans[0] ?? { lat: 50.6, lon: 4.6 };
  const key = `${at.lat.toFixed(1)},${at.lon.toFixed(1)}`;
  if (key === loadedAt) return;
  const reply = await fetch(`/desk/zones.json?at=${key}`);
  if (!reply.ok) return;
  const near = partsOf(await reply.json());
  features = near.zones;
  towns.clearLayers();
  drawPlaces(towns, near.places);
  loadedAt = key;
}

function drawZones({ zone, touched, managing }) {
  zones.clearLayers();
  labels.clearLayers();
  const rank = (id) => (id === zone ? 2 : touched.includes(id) || id === managing ? 1 : 0);
  for (const feature of [...features].sort((a, b) => rank(a.properties.id) - rank(b.properties.id))) {
    const { id, name } = feature.properties;
    const here = id === zone;
    const colour = here ? COLOURS.here : id === managing ? OWN.managing : OWN.line;
    const shape = L.geoJSON(feature, {
      interactive: false,
      style: { color: colour, weight: here ? 3 : rank(id) ? 2 : 1, fillOpacity: here ? 0.07 : 0.01, dashArray: id === managing && !here ? "6 5" : null },
    }).addTo(zones);
    label(shape.getBounds().getCenter(), `${name} ${id}`, here ? "here" : "").addTo(labels);
  }
}
