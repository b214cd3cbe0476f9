// Where the team is, told to desk and zone by its own wish: only while this page is open and the alarm lasts. None is kept:
// what did not arrive is old by then.
import { headers } from "../boards/headers.js";

const EVERY_MS = 15_000;
const PATIENCE_MS = 8000;
const [OVER, DENIED] = [[401, 404, 410, 422], 1];
const E7 = 10_000_000;

const box = document.getElementById("here");
const share = document.getElementById("share-here");
let timer;

function say(word = "") {
  document.getElementById("here-said").textContent = word;
}

function stop(word) {
  clearInterval(timer);
  share.checked = false;
  say(word);
}

async function tell({ coords, timestamp }) {
  if (!share.checked) return;
  const age_s = Math.max(0, Math.round((Date.now() - timestamp) / 1000));
  const at = { lat_e7: Math.round(coords.latitude * E7), lon_e7: Math.round(coords.longitude * E7), accuracy_m: Math.round(coords.accuracy), age_s };
  try {
    const body = new URLSearchParams(at);
    const reply = await fetch(`${document.body.dataset.base}here`, { method: "POST", headers, body, signal: AbortSignal.timeout(PATIENCE_MS) });
    if (OVER.includes(reply.status)) return stop();
    if (!reply.ok) throw new Error(String(reply.status));
    say();
  } catch {
    if (share.checked) say(box.dataset.lost);
  }
}

/** A phone that may not say where it is ends it; one that does not know yet is asked again. */
function look() {
  const failed = ({ code }) => code === DENIED && stop(box.dataset.refused);
  navigator.geolocation.getCurrentPosition(tell, failed, { enableHighAccuracy: true, maximumAge: PATIENCE_MS, timeout: EVERY_MS });
}

function start() {
  look();
  timer = setInterval(look, EVERY_MS);
}

if (box && navigator.geolocation) {
  box.hidden = false;
  share.addEventListener("change", () => (share.checked ? start() : stop()));
}
