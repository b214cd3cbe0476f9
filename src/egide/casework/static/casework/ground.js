// The map of a file: its places and the circles of its bans, which stand below it in words.
import { loadLeaflet } from "../egide/streets.js";

const figure = document.getElementById("ground-drawn");
const element = document.getElementById("ground-map");
const [NEAREST_ZOOM, MARGIN_PX] = [17, 28];

async function draw() {
  await loadLeaflet(element);
  const { drawGround, newMap } = await import("../egide/map.js");
  figure.hidden = false;
  const told = JSON.parse(element.dataset.ground);
  // One finger scrolls the page; two move the map.
  const map = newMap(element.id, "topleft", { dragging: !L.Browser.mobile, drawsTowns: false, scrollWheelZoom: false });
  const bounds = L.latLngBounds([]);
  for (const { lat, lon, radius } of [...told.places, ...told.bans]) bounds.extend(L.latLng(lat, lon).toBounds(2 * radius));
  const fit = () => map.fitBounds(bounds, { animate: false, maxZoom: NEAREST_ZOOM, padding: [MARGIN_PX, MARGIN_PX] });
  fit();
  map.on("resize", fit);
  drawGround(L.layerGroup().addTo(map), told);
}

// The words say all of it without the map.
if (element) draw().catch(() => (figure.hidden = true));
