// What this machine keeps while the journal is away, or takes no more: said where a loss is said, and rung for again and
// again. A board that hears all else is not lost: it shows these alarms alone.
import { running, timeOfDay } from "../boards/clock.js";
import { play } from "../boards/sound.js";
import { say } from "./words.js";

const strip = document.getElementById("lost");
const word = document.getElementById("lost-word");
const box = document.getElementById("kept");
const list = document.getElementById("kept-lines");
const zones = JSON.parse(document.getElementById("zone-names")?.textContent ?? "{}");
let painted = "[]";
// What is known of a phone is as of a moment ago, unless its machine has not reached the journal for longer.
const KNOWN_MS = 60_000;

/** All that is kept, most urgent first; told anew every few seconds while there is any. */
export function show({ alarms }) {
  if (alarms.length) play(alarms.some(({ duress }) => duress) ? "duress" : "alarm", 0.95);
  const told = JSON.stringify(alarms);
  if (told === painted) return;
  painted = told;
  list.replaceChildren(...alarms.map(lineOf));
  box.hidden = alarms.length === 0;
  showStrip(!word.hidden);
}

/** Whether the connection is lost; what is kept is shown with that word or without. */
export function showStrip(isLost) {
  word.hidden = !isLost;
  strip.hidden = !isLost && box.hidden;
}

function lineOf({ kit, zone, presses, first, duress, earlier, old, known, place, at }) {
  const line = document.createElement("li");
  const where = zone ? (zones[zone] ?? zone) : say("keptUnknown");
  const said = [
    duress && say("keptDuress"),
    say(presses ? "keptPress" : "keptOpen", { at: timeOfDay(first), zone: where, n: presses }),
    place ? say("keptPlace", { lat: place[0].toFixed(5), lon: place[1].toFixed(5), m: place[2], at: timeOfDay(at) }) : say("keptNoPlace"),
    earlier && say("keptEarlier"),
    old && say("keptOld"),
    first - known > KNOWN_MS && say("keptKnown", { ago: running(first - known) }),
    say("keptKit", { id: kit }),
  ];
  line.textContent = said.filter(Boolean).join(" · ");
  return line;
}
