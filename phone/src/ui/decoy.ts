/**
 * The first page: a small app that works, by her choice. Holding it anywhere (or the space bar) for the hold time raises
 * an alarm without any sign; three taps on its title, or Enter on it, ask for the code.
 */
import { currentLanguage, text } from "../locales";
import type { Choices, Decoy } from "./choices";
import { el, heading, show } from "./dom";
import { holdable } from "./hold";

const TAPS = 3;
const TAPS_WITHIN_MS = 1500;

/** Fills `place` with a small app. `mayRing`: whether it may be heard now. */
export type Fill = (place: HTMLElement, mayRing: () => boolean) => void;

const FILLS: Record<Decoy, () => Promise<{ readonly fill: Fill }>> = {
  notes: () => import("./decoys/notes"),
  timer: () => import("./decoys/timer"),
  converter: () => import("./decoys/converter"),
  calendar: () => import("./decoys/calendar"),
};

/** What a first page wants of whatever works behind it: the app, or a native engine. */
export interface Behind {
  readonly chosen: { readonly now: Pick<Choices, "decoy" | "holdsScreen"> };
  readonly enrolment: object | null;
  readonly holdMs: number;
  readonly standing: { readonly warns: boolean };
  readonly alarm: { readonly state: string; readonly isMuted: boolean };
  pressOnScreen(): Promise<void>;
}

export function showDecoy(app: Behind, unlock: () => void): void {
  const { decoy } = app.chosen.now;
  const title = heading(text(`decoy.${decoy}`));
  title.addEventListener("click", counted(unlock));
  title.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    // Else the same key would send the empty pad.
    event.preventDefault();
    unlock();
  });
  const place = el("div", { class: "body" });
  const page = el("main", { class: "decoy", id: "decoy", "data-of": decoy }, title, place, warning(app));
  // From the fields of the small app a keyboard finds back to its title.
  page.addEventListener("keydown", (event) => event.key === "Escape" && title.focus());
  // Held from the first moment on, whether the small app is there already or never comes.
  holdable(page, () => {
    if (app.chosen.now.holdsScreen && app.enrolment) void app.pressOnScreen();
  }, () => app.holdMs);
  show(page, text(`decoy.${decoy}`));
  const mayRing = () => app.alarm.state === "" && !app.alarm.isMuted;
  void FILLS[decoy]().then(({ fill }) => place.isConnected && fill(place, mayRing), () => undefined);
}

/** A harmless sentence in her decoy's own words: she knows that it means "look behind it". */
function warning(app: Behind): HTMLElement {
  return el("p", { id: "decoy-note", class: "muted" }, app.standing.warns ? text("decoy.stale") : "");
}

export function refreshDecoy(app: Behind): void {
  const note = document.querySelector("#decoy-note");
  const words = app.standing.warns ? text("decoy.stale") : "";
  if (note && note.textContent !== words) note.textContent = words;
}

/** Name and icon under which the platform installs the page and shows its tab, where it has such. */
export function dress(decoy: Decoy): void {
  document.title = text(`decoy.${decoy}`);
  lead("manifest", `./${decoy}.${currentLanguage()}.webmanifest`);
  lead("icon", `./${decoy}.svg`);
}

function lead(kind: string, to: string): void {
  const link = document.querySelector<HTMLLinkElement>(`link[rel=${kind}]`);
  if (link) link.href = to;
}

function counted(act: () => void): () => void {
  let taps: number[] = [];
  return () => {
    const now = performance.now();
    taps = [...taps.filter((at) => now - at < TAPS_WITHIN_MS), now];
    if (taps.length >= TAPS) act();
  };
}
