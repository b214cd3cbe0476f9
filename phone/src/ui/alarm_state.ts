/** What the person reads about a press, and what the store keeps of it. */
import type { Pending } from "../core/receipt";
import type { Press } from "../store/store";

export type AlarmState = "" | "stored" | "received" | "acknowledged";

/** How far a team itself, or its zone, said that it is. */
export type TeamStep = "" | "under-way" | "on-site";

export function teamStepOf(pending: readonly Pending[]): TeamStep {
  const said = pending.find(({ what }) => what === "team")?.text;
  return said === "under-way" || said === "on-site" ? said : "";
}

/** How it feels, where she chose to feel it: on and off, in milliseconds. */
export const PATTERNS = { received: [200], acknowledged: [200, 150, 200] } as const;

export function stateOf(press: Press): AlarmState {
  if (press.state === "acknowledged") return "acknowledged";
  return press.receivedAtMs === null ? "stored" : "received";
}
