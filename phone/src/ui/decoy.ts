/**
 * The first page: something harmless, by her choice. Holding it anywhere for two seconds raises an alarm without any
 * sign; three taps on its title ask for the code.
 */
import { text } from "../locales";
import type { App } from "./app";
import { el, heading, show } from "./dom";

const TAPS = 3;
const TAPS_WITHIN_MS = 1500;

export function showDecoy(app: App, unlock: () => void): void {
  const { decoy } = app.chosen.now;
  const title = heading(text(`decoy.${decoy}`));
  title.addEventListener("click", counted(unlock));
  title.addEventListener("keydown", (event) => {
    if (event.key === "Enter") unlock();
  });
  const page = el(
    "main",
    { class: "decoy", id: "decoy" },
    title,
    el("p", {}, text(`decoy.${decoy}.body`)),
    el("button", {}, text("decoy.refresh")),
  );
  holdable(page, () => {
    if (app.chosen.now.holdsScreen && app.enrolment) void app.pressOnScreen();
  }, () => app.enrolment?.settings.hold_ms ?? 2000);
  show(page, text(`decoy.${decoy}`));
}

function counted(act: () => void): () => void {
  let taps: number[] = [];
  return () => {
    const now = performance.now();
    taps = [...taps.filter((at) => now - at < TAPS_WITHIN_MS), now];
    if (taps.length >= TAPS) act();
  };
}

/** Calls `act` once when a finger has stayed for the hold time. A finger that slips a little has not left. */
function holdable(page: HTMLElement, act: () => void, holdMs: () => number): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  page.addEventListener("pointerdown", () => {
    clearTimeout(timer);
    timer = setTimeout(act, holdMs());
  });
  for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => clearTimeout(timer));
  page.addEventListener("contextmenu", (event) => event.preventDefault());
}
