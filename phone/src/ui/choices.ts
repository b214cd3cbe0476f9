/** What the person chose, sealed in the store; what only she may read lies under her code instead (core/compartments.ts). */
import type { OldCodes } from "../engine/codes";
import type { Language } from "../locales";
import type { PhoneStore } from "../store/store";

export const DECOYS = ["notes", "timer", "converter", "calendar"] as const;
export type Decoy = (typeof DECOYS)[number];

export function isDecoy(word: string): word is Decoy {
  return (DECOYS as readonly string[]).includes(word);
}

export interface Choices extends OldCodes {
  readonly decoy: Decoy;
  readonly language: Language;
  readonly holdsScreen: boolean;
  /** How long the screen is held, in ms; null: as the kit's settings say (safety rule 33). */
  readonly holdMs: number | null;
  readonly hasButton: boolean;
  readonly vibrates: boolean;
  readonly listens: boolean;
  /** Whether a press by SMS asks to be answered by SMS. */
  readonly smsAnswer: boolean;
  /** The operator switched listening in off, for the alarm that is open. */
  readonly listenOff: boolean;
  /** Whether pages have a button that reads them aloud. */
  readonly readsAloud: boolean;
  /** When the linked button was last heard with a press or a test. */
  readonly buttonHeardAtMs: number | null;
}

export function freshChoices(language: Language, decoy: Decoy): Choices {
  return {
    decoy,
    language,
    holdsScreen: true,
    holdMs: null,
    hasButton: false,
    vibrates: false,
    listens: false,
    smsAnswer: false,
    listenOff: false,
    readsAloud: false,
    buttonHeardAtMs: null,
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
