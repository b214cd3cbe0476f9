/** A kitchen timer. It goes on over a closed page, and is heard at the end only where she wants that. */
import { text } from "../../locales";
import type { Fill } from "../decoy";
import { el, tick } from "../dom";
import { keep, kept } from "./drawer";

const PRESETS_MIN = [1, 3, 5, 10, 15, 30] as const;
const LONGEST_MIN = 180;
const MINUTE_MS = 60_000;
const LOOK_EVERY_MS = 250;
const BEEPS = 3;

interface Set {
  readonly lengthMs: number;
  /** What is left while it stands still. */
  readonly leftMs: number;
  /** When it ends, in ms since 1970; null: it stands still. */
  readonly endsAtMs: number | null;
  readonly rings: boolean;
}

export const fill: Fill = (place, mayRing) => {
  const fresh: Set = { lengthMs: 5 * MINUTE_MS, leftMs: 5 * MINUTE_MS, endsAtMs: null, rings: false };
  let now = { ...fresh, ...kept<Partial<Set>>("timer", fresh) };
  let sound: AudioContext | null = null;
  const change = (following: Partial<Set>) => {
    keep("timer", (now = { ...now, ...following }));
    draw();
  };
  const left = () => Math.max(0, now.endsAtMs === null ? now.leftMs : now.endsAtMs - Date.now());
  const still = (lengthMs: number) => change({ lengthMs, leftMs: lengthMs, endsAtMs: null });
  const start = () => {
    // Platforms let a page be heard only after it was touched.
    if (now.rings) sound ??= new AudioContext();
    change({ endsAtMs: Date.now() + (left() || now.lengthMs) });
  };
  const startOrPause = () => (now.endsAtMs === null ? start() : change({ leftMs: left(), endsAtMs: null }));
  const longer = (minutes: number) => still(Math.min(LONGEST_MIN, Math.max(1, Math.round(now.lengthMs / MINUTE_MS) + minutes)) * MINUTE_MS);

  const count = el("p", { class: "clock", role: "timer", id: "timer-left" });
  const told = el("p", { class: "told", role: "status", id: "timer-over" });
  const go = el("button", { class: "accent", id: "timer-go", onclick: startOrPause });
  const presets = PRESETS_MIN.map((minutes) => el("button", { onclick: () => still(minutes * MINUTE_MS) }, text("decoy.timer.minutes", { n: minutes })));
  const step = (sign: string, words: string, minutes: number) => el("button", { class: "round", "aria-label": words, onclick: () => longer(minutes) }, sign);

  const draw = () => {
    const seconds = Math.ceil(left() / 1000);
    const parts = [Math.floor(seconds / 60), seconds % 60].map((part) => String(part).padStart(2, "0"));
    const isOver = now.endsAtMs === null && now.leftMs === 0;
    say(count, parts.join(":"));
    say(told, isOver ? text("decoy.timer.over") : "");
    say(go, text(now.endsAtMs === null ? "decoy.timer.start" : "decoy.timer.pause"));
    count.classList.toggle("over", isOver);
  };
  const look = () => {
    if (!place.isConnected) return clearInterval(looking);
    if (now.endsAtMs !== null && left() === 0) {
      change({ leftMs: 0, endsAtMs: null });
      if (now.rings && sound && mayRing()) ring(sound);
    } else draw();
  };
  const looking = setInterval(look, LOOK_EVERY_MS);

  place.replaceChildren(
    el("div", { class: "dial" }, step("−", text("decoy.timer.less"), -1), count, step("+", text("decoy.timer.more"), 1)),
    told,
    el("div", { class: "presets" }, ...presets),
    el("div", { class: "bar" }, go, el("button", { id: "timer-reset", onclick: () => still(now.lengthMs) }, text("decoy.timer.reset"))),
    tick(text("decoy.timer.sound"), now.rings, (rings) => change({ rings })),
  );
  draw();
};

function say(at: HTMLElement, words: string): void {
  if (at.textContent !== words) at.textContent = words;
}

function ring(sound: AudioContext): void {
  void sound.resume();
  for (let beep = 0; beep < BEEPS; beep++) {
    const tone = sound.createOscillator();
    const from = sound.currentTime + beep * 0.6;
    tone.frequency.value = 880;
    tone.connect(sound.destination);
    tone.start(from);
    tone.stop(from + 0.3);
  }
}
