// How far the person may be by now, while the phone is silent (safety rule 6); in words here, as a circle on the map.
import { eachSecond, serverNow } from "../boards/clock.js";
import { say } from "./words.js";

const kilometres = new Intl.NumberFormat(document.documentElement.lang, { maximumSignificantDigits: 2 });

/** Metres around the last fix: its accuracy, and the pace (m/s) since it was taken (ms). */
export function reachOf(accuracyM, paceMS, takenMs) {
  return accuracyM + (paceMS * Math.max(0, serverNow() - takenMs)) / 1000;
}

const words = (m) => (m < 1000 ? `${kilometres.format(m)} m` : `${kilometres.format(m / 1000)} km`);

function paint() {
  for (const el of document.querySelectorAll("[data-reach]")) {
    const { reach, pace, from } = el.dataset;
    el.textContent = say("reach", { m: words(reachOf(Number(from), Number(pace) / 1000, Number(reach))) });
  }
}

/** Keep the words up to date. */
export function start() {
  eachSecond(paint);
  document.body.addEventListener("htmx:afterSettle", paint);
}
