/** What was proven of button, phone and road, and whether an alarm would get through (safety rules 16 and 40). */

/** What is known now. Times in milliseconds of one clock; null: never, or not under the present conditions. */
export interface Conditions {
  readonly nowMs: number;
  /** The last receipt of a server. */
  readonly provedAtMs: number | null;
  /** When the phone last wrote something down and read the same again. */
  readonly checkedAtMs: number | null;
  readonly isOnline: boolean;
  readonly isRefused: boolean;
  readonly isStoring: boolean;
  readonly positionAllowed: boolean;
  /** null: no button is linked. */
  readonly buttonConnected: boolean | null;
  /** The last press or test that the button itself was heard with. */
  readonly buttonHeardAtMs: number | null;
  /** Whether holding the first page raises an alarm. */
  readonly holdsScreen: boolean;
  readonly phonePct: number | null;
  readonly buttonPct: number | null;
}

/** How long a round trip, or a look at the phone itself, proves something. */
export const PROOF_LASTS_MS = 180_000;
/** A press proves the button until the next test is due. */
export const BUTTON_LASTS_MS = 30 * 86_400_000;
const LOW_PCT = 15;

/** A clock that was set back proves nothing. */
function isWithin({ nowMs }: Conditions, atMs: number | null, lastsMs: number): boolean {
  return atMs !== null && nowMs >= atMs && nowMs - atMs <= lastsMs;
}

/** What stands in the way of an alarm, the first thing first: for each, whether it does. */
const IN_THE_WAY = {
  "not-stored": (now: Conditions) => !now.isStoring,
  refused: (now: Conditions) => now.isRefused,
  offline: (now: Conditions) => !now.isOnline,
  unproved: (now: Conditions) => !isWithin(now, now.provedAtMs, PROOF_LASTS_MS),
  unchecked: (now: Conditions) => !isWithin(now, now.checkedAtMs, PROOF_LASTS_MS),
  "no-way": (now: Conditions) => now.buttonConnected !== true && !now.holdsScreen,
  "no-button": (now: Conditions) => now.buttonConnected === false,
  "button-unheard": (now: Conditions) => now.buttonConnected === true && !isWithin(now, now.buttonHeardAtMs, BUTTON_LASTS_MS),
  "phone-low": (now: Conditions) => now.phonePct !== null && now.phonePct < LOW_PCT,
  "button-low": (now: Conditions) => now.buttonPct !== null && now.buttonPct < LOW_PCT,
  "no-position": (now: Conditions) => !now.positionAllowed,
} as const;
type Missing = keyof typeof IN_THE_WAY;

/** "screen": all that there is was proven, but no button is linked. */
export type Honesty = Missing | "screen" | "through";

/** Whether an alarm would get through now: only what was proven recently and under the present conditions. */
export function honesty(now: Conditions): Honesty {
  const words = Object.keys(IN_THE_WAY) as Missing[];
  return words.find((word) => IN_THE_WAY[word](now)) ?? (now.buttonConnected === null ? "screen" : "through");
}

/** Of which of the three nothing stands in the way, each for itself. */
export function proofsOf(now: Conditions): { readonly button: boolean; readonly phone: boolean; readonly road: boolean } {
  const isFree = (...words: readonly Missing[]) => words.every((word) => !IN_THE_WAY[word](now));
  return {
    button: now.buttonConnected === true && isFree("button-unheard", "button-low"),
    phone: isFree("not-stored", "unchecked", "phone-low", "no-position"),
    road: isFree("refused", "offline", "unproved"),
  };
}

/** Whether this word is a trouble. A person without a button learns so behind the first page, and not every day before it. */
export function isTrouble(word: Honesty): word is Missing {
  return word !== "through" && word !== "screen";
}

// Shorter troubles come and go; people who look at every one of them soon look at none.
const WARN_AFTER_MS = 300_000;
const WARN_AT_ONCE: readonly Honesty[] = ["phone-low", "button-low", "not-stored", "no-way"];

/**
 * Whether the first page says quietly that something must be looked at; never while an alarm is open or the phone plays
 * dead. `isTold`: the supervision of kits says that something is wrong.
 */
export function mustWarn(word: Honesty, sinceMs: number | null, nowMs: number, isKeptQuiet: boolean, isTold = false): boolean {
  if (isKeptQuiet) return false;
  if (isTold) return true;
  if (sinceMs === null || !isTrouble(word)) return false;
  return WARN_AT_ONCE.includes(word) || nowMs - sinceMs >= WARN_AFTER_MS;
}

/** What supervision may find wrong with a kit (egide.fleet.supervision.rules), the gravest first. */
const CHECKS = [
  "silent", "unpaired", "left", "away", "radio", "held-back", "store", "phone-battery", "button-battery", "position", "microphone", "saver", "texts", "test-failed", "test-due", "clock", "app",
] as const;
export type Check = (typeof CHECKS)[number];

/** Whether the first page warns now: what `mustWarn` says, with the time since when there was a trouble. */
export class Warning {
  private sinceMs: number | null = null;

  /** `isOpen`: an alarm is; a trouble of that time is the press's, and counts from its end (safety rule 18). */
  isDue(now: { readonly word: Honesty; readonly nowMs: number; readonly isOpen: boolean; readonly isMuted: boolean; readonly isTold: boolean }): boolean {
    const { word, nowMs, isOpen, isMuted, isTold } = now;
    if (!isTrouble(word) || isOpen) this.sinceMs = null;
    else this.sinceMs ??= nowMs;
    return mustWarn(word, this.sinceMs, nowMs, isOpen || isMuted, isTold);
  }
}

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
