// Where the team is, told to desk and zone by its own wish: only while this page is open and the alarm lasts. The newest
// alone is told, and none is kept: what did not arrive is old by then.
import { headers } from "../boards/headers.js";

const EVERY_MS = 15_000;
const PATIENCE_MS = 8000;
const [OVER, DENIED] = [[401, 404, 410, 422], 1];
const E7 = 10_000_000;

const box = document.getElementById("here");
const share = document.getElementById("share-here");
let watch = null;
let timer = null;
let newest = null;
let told = 0;

function say(word = "") {
  document.getElementById("here-said").textContent = word;
}

function stop(word) {
  navigator.geolocation.clearWatch(watch);
  clearInterval(timer);
  [watch, timer, newest] = [null, null, null];
  share.checked = false;
  say(word);
}

async function tell() {
  if (!newest || newest.timestamp === told) return;
  const { coords, timestamp } = newest;
  const age_s = Math.max(0, Math.round((Date.now() - timestamp) / 1000));
  const at = { lat_e7: Math.round(coords.latitude * E7), lon_e7: Math.round(coords.longitude * E7), accuracy_m: Math.round(coords.accuracy), age_s };
  try {
    const body = new URLSearchParams(at);
    const reply = await fetch(`${document.body.dataset.base}here`, { method: "POST", headers, body, signal: AbortSignal.timeout(PATIENCE_MS) });
    if (OVER.includes(reply.status)) return stop();
    if (!reply.ok) throw new Error(String(reply.status));
    told = timestamp;
    say();
  } catch {
    if (share.checked) say(box.dataset.lost);
  }
}

function start() {
  const first = newest === null;
  watch = navigator.geolocation.watchPosition(
    (position) => {
      newest = position;
      if (first && !told) tell();
    },
    ({ code }) => code === DENIED && stop(box.dataset.refused),
    { enableHighAccuracy: true, maximumAge: EVERY_MS },
  );
  timer = setInterval(tell, EVERY_MS);
}

if (box && navigator.geolocation) {
  box.hidden = false;
  share.addEventListener("change", () => (share.checked ? start() : stop()));
}
