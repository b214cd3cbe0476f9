/** Settings of the kit on their way to this phone (protocol/settings.py): bounds, and what the phone says back. */
import type { Settings } from "./enrolment";
import type { Pending } from "./receipt";

/** Bodies of notices: the phone took this version; the button did. */
export const PHONE_TOOK = "settings:";
export const BUTTON_TOOK = "button-settings:";

/** Least and most of each, as the server holds to them. */
const BOUNDS = {
  hold_ms: [1000, 5000],
  button_hold_ms: [1000, 5000],
  position_interval_s: [5, 60],
  heartbeat_interval_s: [300, 900],
  tail_s: [600, 14_400],
  version: [1, 0xffffffff],
} as const;

/** What a signed reply sets; null for what no phone may take: out of bounds, without a version, or nothing at all. */
export function settingsIn(pending: readonly Pending[]): Settings | null {
  const text = pending.find(({ what }) => what === "settings")?.text;
  if (!text) return null;
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return null;
  }
  if (read === null || typeof read !== "object") return null;
  // What the server leaves out is as it was at the issue.
  const wanted = { hold_ms: 2000, button_hold_ms: 2000, position_interval_s: 5, heartbeat_interval_s: 900, tail_s: 3600, version: 0, ...read };
  for (const [name, [least, most]] of Object.entries(BOUNDS)) {
    const value = (wanted as Record<string, unknown>)[name];
    if (!Number.isSafeInteger(value) || (value as number) < least || (value as number) > most) return null;
  }
  return wanted;
}
