// Whether the bell is heard (safety rule 4): tested at the start of a shift, and a screen full of it when it is blocked.
import { start as startBellChoice } from "./bell_choice.js";
import { post } from "./fragments.js";
import { isAudible, onChange, play, unblock } from "./sound.js";

const SHIFT_KEY = "egide-sound-heard";
const [HEARD, LATER] = ["yes", "later"];
const byId = (id) => document.getElementById(id);
const shift = byId("shift-start");
const hasBegun = () => Boolean(sessionStorage.getItem(SHIFT_KEY));

function show(audible) {
  const box = byId("sound-state");
  box.dataset.state = audible ? "on" : "off";
  box.querySelector(".glyph").textContent = audible ? "◀" : "◁";
  byId("sound-word").textContent = audible ? box.dataset.on : box.dataset.off;
  if (!audible && hasBegun() && !byId("sound-blocked").open) byId("sound-blocked").showModal();
  if (audible && byId("sound-blocked").open) byId("sound-blocked").close();
}

async function playOnce() {
  await unblock();
  play("alarm");
}

async function playTest() {
  await playOnce();
  byId("sound-answer").hidden = false;
  byId("sound-heard").focus();
}

function begin(how) {
  sessionStorage.setItem(SHIFT_KEY, how);
  shift.close();
  show(isAudible());
}

/** Say on a covering dialog how many alarms wait behind it. */
export function tellWaiting(n) {
  for (const line of document.querySelectorAll(".cover-alarms")) {
    line.hidden = n === 0;
    line.textContent = `▲ ${shift.dataset.waiting.replace("#", n)}`;
  }
  const later = byId("sound-later");
  if (!later || later.hidden === (n === 0)) return;
  later.hidden = n === 0;
  // Enter leads somebody who was woken to the alarm.
  if (n && document.activeElement === byId("sound-test")) later.querySelector("button").focus();
}

/** Ask for the sound where it is not known to work; `onSeen()` is called whenever nothing covers the page any more. */
export function start(onSeen = () => {}) {
  startBellChoice(playOnce);
  byId("sound-test").addEventListener("click", playTest);
  byId("sound-unheard").addEventListener("click", () => (byId("sound-help").hidden = false));
  byId("sound-heard").addEventListener("click", () => {
    post(shift.dataset.tell);
    begin(HEARD);
  });
  // Somebody who was woken by an alarm sees it first; the click that leads there lets it ring.
  byId("sound-later")?.addEventListener("click", async () => {
    await unblock();
    begin(LATER);
  });
  byId("sound-unblock").addEventListener("click", unblock);
  byId("sound-state").addEventListener("click", () => {
    byId("sound-answer").hidden = true;
    byId("sound-help").hidden = true;
    shift.showModal();
  });
  onChange(show);
  // Neither can be waved away with Escape: a silent board is no board.
  const needed = { "shift-start": () => !hasBegun(), "sound-blocked": () => !isAudible() };
  for (const [id, isNeeded] of Object.entries(needed)) {
    byId(id).addEventListener("close", () => (isNeeded() ? byId(id).showModal() : onSeen()));
  }
  if (!hasBegun()) shift.showModal();
  show(isAudible());
}
