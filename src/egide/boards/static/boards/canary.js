// The control signal: a press of the system's own that came through the whole chain. Its age counts on this machine's
// own steady clock, from the moment in which it arrived here; so the board turns amber by itself when nothing comes.
import { eachSecond, running, timeOfDay } from "./clock.js";

// The system's own links are missed after 90 seconds.
const MISSED_MS = 90_000;

const bar = document.getElementById("chain");
const age = document.getElementById("canary-age");
const sentences = [...bar.querySelectorAll("[data-parts]")];
const known = new Set(sentences.flatMap((sentence) => sentence.dataset.parts.split(" ")));
// Before the first one, the time since this page came counts: a board that never hears any turns amber too.
let cameAt = performance.now();
let hasCome = false;
let troubles = new Map();

/** An event of the live stream has just arrived; the only kind that counts here is the control signal's. */
export function hear(kind) {
  if (kind !== "CanaryRouted") return;
  cameAt = performance.now();
  hasCome = true;
  paint();
}

/** What the system found wrong with itself: `[[part, sinceMs], ...]`, all that there is. */
export function showTroubles(found) {
  // The reader of this has a board open. What has no sentence of its own is still reported.
  const told = found.filter(([part]) => part !== "boards");
  troubles = new Map(told.map(([part, sinceMs]) => [known.has(part) ? part : "other", sinceMs]));
  paint();
}

function paint() {
  const ms = performance.now() - cameAt;
  const isMissed = ms >= MISSED_MS;
  const text = hasCome || isMissed ? running(ms) : "–";
  if (age.textContent !== text) age.textContent = text;
  let isWrong = false;
  for (const sentence of sentences) {
    const parts = sentence.dataset.parts.split(" ");
    const isTrue = parts.some((part) => (part === "canary" ? isMissed : troubles.has(part)));
    const since = sentence.querySelector("[data-since]");
    if (since && isTrue) since.textContent = timeOfDay(troubles.get(parts[0]));
    if (sentence.hidden === isTrue) sentence.hidden = !isTrue;
    isWrong ||= isTrue;
  }
  const state = isWrong ? "wrong" : hasCome ? "well" : "waiting";
  if (bar.dataset.state !== state) bar.dataset.state = state;
}

/** Begin to count. */
export function start() {
  paint();
  eachSecond(paint);
}
