/** What the person chose, sealed in the store. */
import type { HashedPin } from "../core/pin";
import type { Language } from "../locales";
import type { PhoneStore } from "../store/store";

export const DECOYS = ["notes", "timer", "converter", "calendar"] as const;
export type Decoy = (typeof DECOYS)[number];

export function isDecoy(word: string): word is Decoy {
  return (DECOYS as readonly string[]).includes(word);
}

/**
 * What the phone keeps to itself until the alarm is closed.
 *
 * "cancelled": she said that she is safe. "threat": a code under threat opened the app, which looks as always.
 * "threat-cancelled": a code under threat was taken for "I am safe", and all looks as after that.
 */
export type Quiet = "" | "cancelled" | "threat" | "threat-cancelled";

/** What `quiet` becomes once a code under threat was entered. */
export function asThreat(quiet: "cancelled" | "threat" | "threat-cancelled"): "threat" | "threat-cancelled" {
  return quiet === "threat" ? "threat" : "threat-cancelled";
}

export interface Choices {
  readonly decoy: Decoy;
  readonly language: Language;
  readonly pin: HashedPin | null;
  readonly duress: HashedPin | null;
  readonly holdsScreen: boolean;
  /** How long the screen is held, in ms; null: as the kit's settings say (safety rule 33). */
  readonly holdMs: number | null;
  readonly hasButton: boolean;
  readonly vibrates: boolean;
  readonly listens: boolean;
  /** The operator switched listening in off, for the alarm that is open. */
  readonly listenOff: boolean;
  /** Whether pages have a button that reads them aloud. */
  readonly readsAloud: boolean;
  readonly testedAtMs: number | null;
  /** When the linked button was last heard with a press or a test. */
  readonly buttonHeardAtMs: number | null;
  readonly quiet: Quiet;
}

export function freshChoices(language: Language, decoy: Decoy): Choices {
  return {
    decoy,
    language,
    pin: null,
    duress: null,
    holdsScreen: true,
    holdMs: null,
    hasButton: false,
    vibrates: false,
    listens: false,
    listenOff: false,
    readsAloud: false,
    testedAtMs: null,
    buttonHeardAtMs: null,
    quiet: "",
  };
}

/** What was kept, over `fresh`; a first page that this version does not have is that of `fresh`. */
export function choicesOf(kept: Partial<Choices> | null, fresh: Choices): Choices {
  const choices = { ...fresh, ...kept };
  return isDecoy(choices.decoy) ? choices : { ...choices, decoy: fresh.decoy };
}

/** The choices of this phone, and one way to change them. */
export class Chosen {
  constructor(
    private readonly store: PhoneStore,
    public now: Choices,
  ) {}

  async change(change: Partial<Choices>): Promise<void> {
    this.now = { ...this.now, ...change };
    await this.store.remember("choices", this.now);
  }
}
