// What maps draw: places and bans of a file; of an alarm also its trail, how sure the position is, named places; below
// them the authority's own streets, where it has imported some (streets.js).
export const COLOURS = { alarm: "#ff6b5e", duress: "#cf9cff", here: "#6cb0ff", ban: "#ff9d94", town: "#8fa0b3", ground: "#0d1117" };
const AGAIN_MS = 15_000;
const STILL = { interactive: false, keyboard: false };

/**
 * A map in the element `id`, with zoom and scale; `zoomAt` is a corner, `more` goes to Leaflet. Names of towns come from
 * the streets where the page does not draw them (`drawsTowns`).
 */
export function newMap(id, zoomAt, { drawsTowns = true, ...more } = {}) {
  const map = L.map(id, { zoomControl: false, attributionControl: false, zoomSnap: 0.5, ...more });
  L.control.zoom({ position: zoomAt, zoomInTitle: "+", zoomOutTitle: "−" }).addTo(map);
  L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
  const { maps } = map.getContainer().dataset;
  if (maps) addBelow(map, JSON.parse(maps), drawsTowns);
  return map;
}

/** Streets come when they come: what matters is drawn without them. */
async function addBelow(map, told, drawsTowns) {
  try {
    const { addStreets } = await import("./streets.js");
    await addStreets(map, told, document.body.matches(".by-wish, .office"), drawsTowns);
  } catch {
    setTimeout(addBelow, AGAIN_MS, map, told, drawsTowns);
  }
}

/** An element at a place. Hundreds of place names would be read aloud; what matters of them stands beside the map. */
export function mark(at, className, text = "") {
  const word = document.createElement("span");
  word.className = className;
  word.textContent = text;
  word.ariaHidden = "true";
  return L.marker(at, { ...STILL, icon: L.divIcon({ className: "", html: word, iconSize: [0, 0] }) });
}

export const label = (at, text, kind = "") => mark(at, `map-label ${kind}`, text);

/**
 * The places and the bans of a file: each `lat` and `lon` in degrees, its `radius` in metres, and its `name`; a ban without
 * one has the word of its kind.
 */
export function drawGround(layer, { bans, places }, words) {
  for (const place of places) {
    L.circle([place.lat, place.lon], { radius: place.radius, color: COLOURS.here, weight: 2, fillOpacity: 0.05, interactive: false }).addTo(layer);
    label([place.lat + place.radius / 111_320, place.lon], place.name, "place").addTo(layer);
  }
  for (const ban of bans) {
    const fillOpacity = ban.where === "inside" ? 0.14 : 0.05;
    L.circle([ban.lat, ban.lon], { radius: ban.radius, color: COLOURS.ban, weight: 2, dashArray: "8 6", fillOpacity, interactive: false }).addTo(layer);
    const south = [ban.lat - ban.radius / 111_320, ban.lon];
    label(south, ban.name ?? (ban.kind === "residence-ban" ? words.residenceBan : words.placeBan), "ban").addTo(layer);
  }
}

/** Draw the value of boards.shown.map.map_of. */
export function drawAlarm(layer, { position, trail, bans, places, duress, old }, words) {
  drawGround(layer, { bans, places }, words);
  if (!position) return;
  const at = [position.lat, position.lon];
  const color = duress ? COLOURS.duress : COLOURS.alarm;
  if (trail.length > 1) {
    L.polyline(trail.map((fix) => [fix.lat, fix.lon]), { color, weight: 4, dashArray: "1 9", lineCap: "round", interactive: false }).addTo(layer);
  }
  L.circle(at, { radius: position.accuracy, color, weight: 3, dashArray: old ? "4 6" : null, fillOpacity: 0.2, interactive: false }).addTo(layer);
  L.circleMarker(at, { radius: 7, color: COLOURS.ground, weight: 2, fillColor: color, fillOpacity: 1, interactive: false }).addTo(layer);
}

/** Bring `at` back onto the map when it has left it. */
export function follow(map, at) {
  if (!map.getBounds().pad(-0.1).contains(at)) map.panTo(at, { animate: false });
}

/** The GeoJSON of boards.shown.map.around, as its zones and its places. */
export function partsOf({ features }) {
  return { zones: features.filter(({ properties }) => properties.id), places: features.filter(({ properties }) => properties.place) };
}

export function drawPlaces(layer, places) {
  for (const { geometry, properties } of places) {
    const [lon, lat] = geometry.coordinates;
    L.circleMarker([lat, lon], { radius: 2.5, color: COLOURS.town, weight: 0, fillOpacity: 1, interactive: false }).addTo(layer);
    label([lat, lon], properties.place, "town").addTo(layer);
  }
}
