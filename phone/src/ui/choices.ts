/** What the person chose, sealed in the store. */
import type { HashedPin } from "../core/pin";
import type { Language } from "../locales";
import type { PhoneStore } from "../store/store";

export const DECOYS = ["weather", "notes", "radio"] as const;
export type Decoy = (typeof DECOYS)[number];

export interface Choices {
  readonly decoy: Decoy;
  readonly language: Language;
  readonly pin: HashedPin | null;
  readonly duress: HashedPin | null;
  readonly holdsScreen: boolean;
  readonly vibrates: boolean;
  readonly listens: boolean;
  readonly testedAtMs: number | null;
  /** The alarm after which the phone shows, vibrates and receives nothing more (a code under threat). */
  readonly mutedAlarm: string;
}

export function freshChoices(language: Language): Choices {
  return {
    decoy: "weather",
    language,
    pin: null,
    duress: null,
    holdsScreen: true,
    vibrates: false,
    listens: false,
    testedAtMs: null,
    mutedAlarm: "",
  };
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
