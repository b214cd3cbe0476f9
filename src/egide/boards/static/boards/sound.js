// The bell: Web Audio, no file. Rings while an alarm waits to be taken; duress and a team in danger have their own figures.
import { pitch, volume } from "./bell_choice.js";

const FIGURES = {
  alarm: { notes: [[880, 0, 0.18], [660, 0.22, 0.18], [880, 0.44, 0.18]], every: 2600 },
  help: { notes: [[1320, 0, 0.1], [990, 0.12, 0.1], [1320, 0.24, 0.1], [990, 0.36, 0.1]], every: 1200 },
  still: { notes: [[587, 0, 0.25], [784, 0.3, 0.35]], every: 3000 },
  duress: { notes: [[520, 0, 0.12], [520, 0.16, 0.12], [1040, 0.32, 0.4]], every: 1800 },
};
// How loud a figure is played at the volume that was chosen; what is late, at its full loudness whatever was chosen.
const CALM = 0.7;
const FULL = 0.95;
// An alarm may ring a few hundredths of a second later, but must not stutter while the machine is busy; and a board that is
// open all night costs it half as much.
const context = new AudioContext({ latencyHint: "playback" });
let wanted = null;
let timer = 0;

/** Whether the browser lets this page be heard. */
export const isAudible = () => context.state === "running";

/** Ask the browser; must follow a key or a click. */
export async function unblock() {
  await Promise.race([context.resume(), new Promise((done) => setTimeout(done, 1000))]);
  return isAudible();
}

/** Tell `listener` whenever the sound starts or stops being allowed. */
export function onChange(listener) {
  context.addEventListener("statechange", () => listener(isAudible()));
}

function note(hertz, after, seconds, loudness) {
  const start = context.currentTime + after;
  const gain = context.createGain();
  gain.gain.setValueAtTime(0.0001, start);
  gain.gain.exponentialRampToValueAtTime(loudness, start + 0.015);
  gain.gain.exponentialRampToValueAtTime(0.0001, start + seconds);
  const tone = context.createOscillator();
  tone.type = "triangle";
  tone.frequency.value = hertz;
  tone.connect(gain).connect(context.destination);
  tone.start(start);
  tone.stop(start + seconds + 0.05);
}

/** Play a figure once, at the chosen volume or at `loudness`. A press that is repeated is played louder. */
export function play(name, loudness = CALM * volume()) {
  if (!isAudible()) return;
  for (const [hertz, after, seconds] of FIGURES[name].notes) note(hertz * pitch(), after, seconds, loudness);
}

/** Ring `name` ("alarm", "duress", "help" or null for silence) until called again; louder and closer together when `late`. */
export function ring(name, late = false) {
  const asked = `${name} ${late}`;
  if (asked === wanted) return;
  wanted = asked;
  clearInterval(timer);
  if (!name) return;
  // What is chosen meanwhile holds from the next stroke on.
  const stroke = () => play(name, late ? FULL : undefined);
  stroke();
  timer = setInterval(stroke, FIGURES[name].every * (late ? 0.6 : 1));
}
