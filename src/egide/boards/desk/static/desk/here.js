// Whether somebody is at this board (safety rule 1): reported every five seconds, and asked before what they have rings again.
import { announce } from "./announce.js";
import { post } from "../boards/fragments.js";
import { play } from "../boards/sound.js";
import { say } from "./words.js";

const TELL_MS = 5000;
const ASK_BEFORE_MS = 15_000;
const CHIME_MS = 3000;
const limitMs = Number(document.body.dataset.idleS) * 1000;
const strip = document.getElementById("still-there");
const word = document.getElementById("still-there-word");
// Random for each page: two boards of one operator are two boards.
const board = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
let movedAt = performance.now();
let toldAt = -TELL_MS;
let chimedAt = -CHIME_MS;
let pointer = "";
let telling = false;
let held = () => 0;

const idleMs = () => performance.now() - movedAt;
const isAsking = () => !strip.hidden;
const isText = (target) => Boolean(target.closest?.("input, textarea, select"));

async function tell() {
  if (telling) return;
  telling = true;
  toldAt = performance.now();
  await post("/desk/here", { board, idle_ms: Math.floor(idleMs()) });
  telling = false;
}

/** Tell it when it is time. The live stream's pings call this too: the timers of a tab behind others hardly run. */
export function beat() {
  if (performance.now() - toldAt >= TELL_MS - 200) tell();
  ask();
}

/** A hand was moved. After a longer rest the server learns it at once. */
function moved() {
  const wasIdle = idleMs() >= TELL_MS;
  movedAt = performance.now();
  ask();
  if (wasIdle) tell();
}

/** Ask in time whether somebody is there, with a countdown, as long as this operator has alarms. */
function ask() {
  const leftMs = limitMs - idleMs();
  const n = leftMs <= ASK_BEFORE_MS ? held() : 0;
  if (n) {
    word.textContent = say("stillThere", { n, s: Math.max(0, Math.ceil(leftMs / 1000)) });
    if (!isAsking()) announce(word.textContent);
    if (performance.now() - chimedAt >= CHIME_MS) {
      chimedAt = performance.now();
      play("still", 0.7);
    }
  }
  show(n > 0);
}

/** In the top layer: an open dialog must not hide the question. */
function show(asks) {
  if (asks === isAsking()) return;
  strip.hidden = !asks;
  if (asks) strip.showPopover();
  else strip.hidePopover();
}

function onKey(event) {
  // Something that lies on a key is not a hand.
  if (event.repeat) return;
  // The key that answers does nothing else; what is typed into a field is kept.
  if (isAsking() && !isText(event.target)) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
  moved();
}

function onPointer(event) {
  // Rows that move under a resting pointer make events too.
  const at = `${event.screenX},${event.screenY}`;
  if (event.type === "pointermove" && at === pointer) return;
  pointer = at;
  moved();
}

/** Begin to watch and to tell. `mine()` counts this operator's alarms. Must come before anything else that listens to keys. */
export function start(mine) {
  held = mine;
  addEventListener("keydown", onKey, { capture: true });
  for (const kind of ["pointermove", "pointerdown"]) addEventListener(kind, onPointer, { capture: true, passive: true });
  addEventListener("wheel", moved, { capture: true, passive: true });
  setInterval(beat, 1000);
  beat();
}
