/** What the phone decides, without radio, clock, disk or network. */

export type Verdict = "accept" | "duplicate" | "replay";

// Growing pauses between attempts, with full jitter so that a thousand phones do not return at once.
const SHORTEST_PAUSE_MS = 50;
const FIRST_PAUSE_MS = 500;
export const LONGEST_PRESS_PAUSE_MS = 15_000;
export const LONGEST_PAUSE_MS = 300_000;
const QUICK_TELL_MS = 1000;
const QUICK_TELLS = 10;
const LONGEST_LEAP = 1_000_000;

/** Judges an authentic frame of the button against the highest counter so far; `isKept`: its own counter is stored. */
export function judge(counter: number, highest: number, isKept: boolean): Verdict {
  if (counter > highest) return "accept";
  return isKept ? "duplicate" : "replay";
}

/** Pause before the next attempt after `failures` (1 or more) in a row; `chance` is from 0 to 1. */
export function pauseMs(failures: number, longestMs: number, chance: number): number {
  const limit = Math.min(longestMs, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 16));
  return SHORTEST_PAUSE_MS + chance * (limit - SHORTEST_PAUSE_MS);
}

/** Pause before the next position of an alarm in `state`, when `told` positions have been given. */
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

/** What is known about whether an alarm would get through now. Times in milliseconds of one clock. */
export interface Conditions {
  readonly nowMs: number;
  readonly provedAtMs: number | null;
  readonly isOnline: boolean;
  readonly isRefused: boolean;
  readonly isStoring: boolean;
  readonly positionAllowed: boolean;
  readonly buttonConnected: boolean | null;
  readonly phonePct: number | null;
  readonly buttonPct: number | null;
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

export type Honesty = "through" | "not-stored" | "refused" | "unproved" | "offline" | "no-button" | "phone-low" | "button-low" | "no-position";

// Shorter troubles come and go; who looks at every one of them soon looks at none.
const WARN_AFTER_MS = 300_000;

/**
 * Whether the first page says quietly that something must be looked at; never while an alarm is open or the phone plays
 * dead. `isTold`: whoever watches over the kits says that something is not as it should be.
 */
export function mustWarn(word: Honesty, sinceMs: number | null, nowMs: number, isKeptQuiet: boolean, isTold = false): boolean {
  if (isKeptQuiet) return false;
  if (isTold) return true;
  if (sinceMs === null || word === "through") return false;
  return word === "phone-low" || word === "button-low" || word === "not-stored" || nowMs - sinceMs >= WARN_AFTER_MS;
}

/** What supervision may find wrong with a kit (egide.fleet.rules_watch), the gravest first. */
export const CHECKS = [
  "silent", "unpaired", "left", "away", "phone-battery", "button-battery", "position", "microphone", "test-failed", "test-due", "clock", "app",
] as const;
export type Check = (typeof CHECKS)[number];

const SAID_ALREADY: Partial<Record<Honesty, Check>> = {
  "no-button": "away",
  "phone-low": "phone-battery",
  "button-low": "button-battery",
  "no-position": "position",
};

/** What the answer to a heartbeat asks the person to look at, as far as this version knows the words. */
export function checksOf(pending: readonly { readonly what: string; readonly text?: string }[]): readonly Check[] {
  const words = pending.find(({ what }) => what === "check")?.text?.split(" ") ?? [];
  return CHECKS.filter((check) => words.includes(check));
}

/** Those that the page does not say already, by its own line or about the test. */
export function checksToShow(checks: readonly Check[], word: Honesty, saysTest: boolean): readonly Check[] {
  return checks.filter((check) => check !== SAID_ALREADY[word] && !(saysTest && check === "test-due"));
}

/** A round trip proves something for so long. */
export const PROOF_LASTS_MS = 180_000;
const LOW_PCT = 15;

/**
 * Whether an alarm would get through now (safety rule 16): only what a round trip proved within the last minutes and
 * under the present conditions. The first thing that stands in the way comes first.
 */
export function honesty(now: Conditions): Honesty {
  if (!now.isStoring) return "not-stored";
  if (now.isRefused) return "refused";
  if (!now.isOnline) return "offline";
  const age = now.provedAtMs === null ? Infinity : now.nowMs - now.provedAtMs;
  // A clock that was set back proves nothing.
  if (age < 0 || age > PROOF_LASTS_MS) return "unproved";
  if (now.buttonConnected === false) return "no-button";
  if (now.phonePct !== null && now.phonePct < LOW_PCT) return "phone-low";
  if (now.buttonPct !== null && now.buttonPct < LOW_PCT) return "button-low";
  if (!now.positionAllowed) return "no-position";
  return "through";
}
