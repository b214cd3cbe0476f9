/** What the phone decides, without radio, clock, disk or network. */

export type Verdict = "accept" | "duplicate" | "replay";

// Growing pauses between attempts, with full jitter so that a thousand phones do not return at once.
const SHORTEST_PAUSE_MS = 50;
const FIRST_PAUSE_MS = 500;
export const LONGEST_PRESS_PAUSE_MS = 15_000;
export const LONGEST_PAUSE_MS = 300_000;
// Where a server limits this phone, what it says of the time is not signed: no word of it silences a phone for longer than a
// press pauses at most, and none makes it ask without end.
export const SHORTEST_WAIT_MS = 1000;
export const LONGEST_WAIT_MS = LONGEST_PRESS_PAUSE_MS;
// Told so again and again for this long, the same message counts as refused: intake's room needs ten seconds to fill, and more where
// it is slow.
export const LIMITED_FOR_MS = 60_000;
const QUICK_TELL_MS = 1000;
const QUICK_TELLS = 10;
const LONGEST_LEAP = 1_000_000;
// So far behind the highest counter a press that was never kept still counts (RFC 4303, section 3.4.3).
const REPLAY_WINDOW = 64;

/**
 * Judges an authentic frame of the button against the highest counter so far; `isKept`: its own counter is stored.
 *
 * A press may be heard after a later one, when its first copies were lost. What lies further back was held back.
 */
export function judge(counter: number, highest: number, isKept: boolean): Verdict {
  if (isKept) return "duplicate";
  return counter > highest - REPLAY_WINDOW ? "accept" : "replay";
}

/** Pause before the next attempt after `failures` (1 or more) in a row; `chance` is from 0 to 1. */
export function pauseMs(failures: number, longestMs: number, chance: number): number {
  const limit = Math.min(longestMs, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 16));
  return SHORTEST_PAUSE_MS + chance * (limit - SHORTEST_PAUSE_MS);
}

/**
 * How long a server that limits this phone is left alone, by its Retry-After (RFC 9110, section 10.2.3): within bounds, and
 * the shortest where it says no number of seconds.
 */
export function waitMs(retryAfter: string): number {
  const saidMs = /^[0-9]{1,9}$/.test(retryAfter) ? Number(retryAfter) * 1000 : 0;
  return Math.min(Math.max(SHORTEST_WAIT_MS, saidMs), LONGEST_WAIT_MS);
}

/** Pause before the next position of an alarm in `state`, when `told` positions have been sent. */
export function tellAfterMs(intervalMs: number, state: string, told: number): number {
  const waits = state !== "acknowledged" && state !== "closed";
  return waits && told < QUICK_TELLS ? Math.min(intervalMs, QUICK_TELL_MS) : intervalMs;
}

/** In which order to try the addresses: the one that answered last, then the others in turn. */
export function serverOrder(count: number, lastGood: number): number[] {
  return Array.from({ length: count }, (_, step) => (lastGood + step) % count);
}

/** `url` without a trailing slash, if it may carry messages: plain HTTP is for this machine alone. Throws RangeError. */
export function checkedServer(url: string): string {
  const parts = new URL(url);
  const isLocal = parts.hostname === "localhost" || parts.hostname.endsWith(".localhost") || parts.hostname === "127.0.0.1";
  if (parts.protocol !== "https:" && !(parts.protocol === "http:" && isLocal)) {
    throw new RangeError(`server address ${url}: only https:// leaves this machine`);
  }
  return url.replace(/\/+$/, "");
}

/** The counter of the next message, when the server expects `told`: never lower than our own, never a leap. */
export function nextCounter(own: number, told: number): number {
  return told > own && told <= own + LONGEST_LEAP ? told : own;
}

/** When a test was armed, and until when, in ms of the phone's clock; at 0 none is. */
export interface Armed {
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * Whether a press is the armed test (safety rule 20): made while it was armed, which must be known, and no alarm is open.
 * It may have been made up to `earlierMs` before `pressedAtMs`.
 */
export function isTest(pressedAtMs: number | null, armed: Armed, alarmIsOpen: boolean, earlierMs = 0): boolean {
  return !alarmIsOpen && pressedAtMs !== null && pressedAtMs - earlierMs >= armed.fromMs && pressedAtMs < armed.untilMs;
}
