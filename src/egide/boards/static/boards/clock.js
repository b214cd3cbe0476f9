// Running times, by the server's clock: the operator's machine may be wrong.
import { untilClicked } from "./pressing.js";

let offsetMs = 0;
export const SILENT_AFTER_MS = 30_000;

/** Learn the server's time from a fragment. */
export function setServerTime(nowMs) {
  offsetMs = nowMs - Date.now();
}

/** The server's time in milliseconds since 1970. */
export function serverNow() {
  return Date.now() + offsetMs;
}

/** "0:09", "12:40", "1:02:03". */
export function running(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const pad = (n) => String(n).padStart(2, "0");
  const h = Math.floor(s / 3600);
  return h ? `${h}:${pad(Math.floor(s / 60) % 60)}:${pad(s % 60)}` : `${Math.floor(s / 60)}:${pad(s % 60)}`;
}

const format = new Intl.DateTimeFormat(document.documentElement.lang, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
  timeZone: document.body.dataset.timeZone,
});

/** Hours, minutes, seconds of a moment, in the centre's time zone, whatever the machine's. */
export function timeOfDay(ms) {
  return format.format(ms);
}

// What already is so is not written: the browser would paint it anew.
function hide(el, hidden) {
  if (el.hidden !== hidden) el.hidden = hidden;
}

/** Bring every clock below `root` up to date. */
export function paintClocks(root = document) {
  const now = serverNow();
  for (const el of root.querySelectorAll("[data-clock]")) {
    const text = running(now - Number(el.dataset.clock));
    if (el.textContent !== text) el.textContent = text;
  }
  for (const el of root.querySelectorAll("[data-until]")) {
    const text = running(Number(el.dataset.until) - now + 999);
    if (el.textContent !== text) el.textContent = text;
  }
  for (const el of root.querySelectorAll("[data-due]")) {
    const late = now >= Number(el.dataset.due);
    el.classList.toggle("is-late", late);
    hide(el.querySelector(".due-in"), late);
    hide(el.querySelector(".due-late"), !late);
  }
  for (const el of root.querySelectorAll("[data-ends]")) hide(el, now >= Number(el.dataset.ends));
  for (const el of root.querySelectorAll("[data-silent]")) hide(el, now - Number(el.dataset.silent) <= SILENT_AFTER_MS);
  for (const el of root.querySelectorAll("time[data-time]:empty")) el.textContent = timeOfDay(Number(el.dataset.time));
}

const paints = [];
// The control signal's age is among what is painted: it goes on even where a page came without the server's time.
const toNextSecond = () => 1000 - (serverNow() % 1000) || 1000;

async function tick() {
  setTimeout(tick, toNextSecond());
  // What appears by the clock alone, as that a phone is silent, would move what is pressed.
  await untilClicked();
  for (const paint of paints) {
    try {
      paint();
    } catch (fault) {
      // One clock that fails stops no other.
      reportError(fault);
    }
  }
}

/** Run `paint` on every second of the server's clock, all in one moment: the page is painted once a second, not once for each. */
export function eachSecond(paint) {
  if (paints.push(paint) === 1) setTimeout(tick, toNextSecond());
}
