// The map: where the alarm is, how sure that is, whose zone, and which bans.
import { SILENT_AFTER_MS, eachSecond, serverNow } from "../boards/clock.js";
import { COLOURS, drawAlarm, drawPlaces, follow, label, mark, newMap, partsOf } from "../egide/map.js";
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
// What lies around: where it was asked for, what came, and whose zone is which there.
let asked = { key: "", answer: null };
let near = { zones: [], places: [] };
let roles = { alarm: "" };
let drawn = { what: "", within: null };
let moved = false;
let silence = null;
map.on("dragstart", () => (moved = true));
map.on("moveend", () => roles.alarm === shownAlarm && drawNear());
addEventListener("resize", () => map.invalidateSize());

/** Draw one alarm (the value of boards.desk.whereabouts.desk_map_of). */
export async function draw(alarm) {
  const isNew = alarm.alarm !== shownAlarm;
  shownAlarm = alarm.alarm;
  if (isNew) moved = false;
  map.invalidateSize();
  drawMarks(alarm);
  if (alarm.position) look(alarm, isNew);
  await loadNear(alarm);
  if (shownAlarm !== alarm.alarm) return;
  roles = alarm;
  drawNear();
  if (!alarm.position && isNew) lookAtZone(alarm.zone);
}

/** While the phone is silent: the circle in which the person can be by now, larger each second (safety rule 6). */
function drawReach() {
  reach.clearLayers();
  if (!silence || serverNow() - silence.heard <= SILENT_AFTER_MS) return;
  const radius = reachOf(silence.accuracy, silence.pace, silence.taken);
  L.circle([silence.lat, silence.lon], { radius, color: OWN.reach, weight: 2, dashArray: "10 8", fillOpacity: 0.04, interactive: false }).addTo(reach);
}
eachSecond(drawReach);

/** The team that needs help (safety rule 14). */
function drawTeam({ lat, lon, accuracy }) {
  L.circle([lat, lon], { radius: accuracy, color: COLOURS.alarm, weight: 2, fillOpacity: 0.15, interactive: false }).addTo(marks);
  mark([lat, lon], "map-team").addTo(marks);
  label([lat, lon], say("teamHere"), "team").addTo(marks);
}

/** A team that tells where it is, by its own wish. */
function drawOnItsWay({ lat, lon, name }) {
  mark([lat, lon], "map-team going").addTo(marks);
  label([lat, lon], name, "team going").addTo(marks);
}

function drawMarks(alarm) {
  const { position, help, teams, silence: quiet } = alarm;
  marks.clearLayers();
  silence = position && quiet ? { ...position, ...quiet } : null;
  drawReach();
  teams.forEach(drawOnItsWay);
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
  const found = near.zones.find(({ feature }) => feature.properties.id === zone);
  if (found) map.fitBounds(found.bounds, { animate: false });
}

/** Zones and places around, asked for once however often the panel is renewed meanwhile. */
async function loadNear({ position, bans }) {
  const at = position ?? bans[0] ?? { lat: 50.6, lon: 4.6 };
  const key = `${at.lat.toFixed(1)},${at.lon.toFixed(1)}`;
  if (key !== asked.key) asked = { key, answer: readNear(key) };
  const mine = asked;
  const found = await mine.answer.catch(() => null);
  if (mine !== asked) return;
  if (found) near = found;
  else asked = { key: "", answer: null };
}

async function readNear(key) {
  const reply = await fetch(`/desk/zones.json?at=${key}`);
  if (!reply.ok) return null;
  const found = partsOf(await reply.json());
  return { key, places: found.places, zones: found.zones.map((feature) => ({ feature, bounds: boundsOf(feature) })) };
}

function boundsOf({ geometry }) {
  const points = geometry.coordinates.flat(2);
  const [lons, lats] = [0, 1].map((axis) => points.map((point) => point[axis]));
  const least = (numbers) => numbers.reduce((a, b) => Math.min(a, b));
  const most = (numbers) => numbers.reduce((a, b) => Math.max(a, b));
  return L.latLngBounds([least(lats), least(lons)], [most(lats), most(lons)]);
}

/**
 * Of hundreds of borders and names those that can be seen, and half a window around them: all of them make the page
 * heavy. The panel is renewed with each event; they are drawn anew only where one has changed, or others come in sight.
 */
function drawNear() {
  const { zone, touched, managing } = roles;
  const [isNamed, hasPlaces] = [LABEL_FROM_ZOOM, PLACES_FROM_ZOOM].map((from) => map.getZoom() >= from);
  const what = JSON.stringify([near.key, zone, touched, managing, isNamed, hasPlaces]);
  const seen = map.getBounds();
  if (what === drawn.what && drawn.within.contains(seen)) return;
  drawn = { what, within: seen.pad(0.5) };
  for (const layer of [zones, labels, towns]) layer.clearLayers();
  if (hasPlaces) drawPlaces(towns, near.places.filter(isInSight));
  const rank = (id) => (id === zone ? 2 : touched.includes(id) || id === managing ? 1 : 0);
  const inSight = near.zones.filter(({ bounds }) => drawn.within.intersects(bounds));
  inSight.sort((a, b) => rank(a.feature.properties.id) - rank(b.feature.properties.id));
  for (const { feature, bounds } of inSight) {
    const { id, name } = feature.properties;
    const here = id === zone;
    const colour = here ? COLOURS.here : id === managing ? OWN.managing : OWN.line;
    L.geoJSON(feature, {
      interactive: false,
      style: { color: colour, weight: here ? 3 : rank(id) ? 2 : 1, fillOpacity: here ? 0.07 : 0.01, dashArray: id === managing && !here ? "6 5" : null },
    }).addTo(zones);
    if (isNamed) label(bounds.getCenter(), `${name} ${id}`, here ? "here" : "").addTo(labels);
  }
}

const isInSight = ({ geometry: { coordinates: [lon, lat] } }) => drawn.within.contains([lat, lon]);
