// A place is chosen on the authority's own map instead of typed: it is always the middle of the map, so that hands and keys
// do the same. What is taken is written into the field as degrees; nothing is sent.
import { addStreets, loadLeaflet } from "../egide/streets.js";

const dialog = document.getElementById("picking");
const at = document.getElementById("picking-at");
const DEGREES = /^\s*(-?\d{1,2}\.\d+)\s*[,\s]\s*(-?\d{1,3}\.\d+)\s*$/;
const COLOUR = "#d5402b";
const [KNOWN_ZOOM, ZONE_ZOOM] = [17, 13];
const DIGITS = 5;

let map, circle, field;

const radiusOf = ({ dataset }) => {
  const { value, placeholder } = document.getElementById(dataset.pick);
  return Number.parseInt(value || placeholder, 10) || 0;
};
const said = ({ lat, lng }) => `${lat.toFixed(DIGITS)}, ${lng.toFixed(DIGITS)}`;

/** Leaflet, fetched when somebody wants a map for the first time. */
async function start() {
  await loadLeaflet(dialog);
  map = L.map("picking-map", { zoomControl: false, attributionControl: false, zoomSnap: 0.5, inertia: false });
  L.control.zoom({ position: "topleft", zoomInTitle: "+", zoomOutTitle: "−" }).addTo(map);
  L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
  map.setView(dialog.dataset.middle.split(",").map(Number), ZONE_ZOOM);
  circle = L.circle(map.getCenter(), { radius: 0, color: COLOUR, weight: 2, fillOpacity: 0.12, interactive: false }).addTo(map);
  map.on("move", show);
  map.on("click", ({ latlng }) => map.panTo(latlng));
  await addStreets(map, JSON.parse(dialog.dataset.maps), true, false);
}

function show() {
  circle.setLatLng(map.getCenter());
  at.textContent = said(map.getCenter());
}

async function open(input) {
  field = input;
  dialog.showModal();
  if (!map) await start().catch(() => (map = null));
  if (!map) return dialog.close();
  map.invalidateSize();
  const typed = DEGREES.exec(input.value);
  circle.setRadius(radiusOf(input));
  if (typed) map.setView([Number(typed[1]), Number(typed[2])], KNOWN_ZOOM);
  show();
  // The dialog had given it the focus before Leaflet listened for that.
  document.getElementById("picking-map").blur();
  document.getElementById("picking-map").focus();
}

function take() {
  field.value = said(map.getCenter());
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
  dialog.close();
}

for (const input of document.querySelectorAll("[data-pick]")) {
  const button = document.getElementById("pick-button").content.firstElementChild.cloneNode(true);
  button.addEventListener("click", () => open(input));
  input.after(button);
}
document.getElementById("picking-take").addEventListener("click", take);
document.getElementById("picking-close").addEventListener("click", () => dialog.close());
dialog.addEventListener("close", () => field.focus());
