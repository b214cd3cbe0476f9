/** What her own pages want of whatever works behind them: the web app (`app.ts`), or the engine of the app for Android. */
import type { Pictogram } from "./pictograms";
import type { App } from "./app";

/** Sets both codes. Rejects with Refused, Unreachable or RangeError without the server's half, with DOMException where nothing can be kept. */
export type ChooseCodes = (own: string, threat: string) => Promise<void>;

/** A permission that not every phone has, asked for at setting up with its reason (`permission.…` of the texts). */
export interface Further {
  readonly word: "unseen" | "battery" | "texts";
  readonly picture: Pictogram;
  /** Whether it is allowed now. */
  ask(): Promise<boolean>;
}

export interface Inside {
  readonly chosen: Pick<App["chosen"], "now" | "change">;
  readonly enrolment: { readonly kid: string } | null;
  /** Whether it is not known yet how things stand here. */
  readonly isUnknown: boolean;
  /** Whether a code opens anything here; enrolled alone is not enough. */
  readonly isSetUp: boolean;
  readonly alarm: Pick<App["alarm"], "state" | "isMuted" | "showsAlarm" | "saysTrouble" | "teamStep" | "trouble" | "question" | "saysCancelled" | "smsLinks" | "answer">;
  readonly standing: Pick<App["standing"], "warns" | "honesty" | "conditions" | "checks" | "testIsDue" | "answeredAtMs" | "isLasting"> & { readonly isMended?: boolean };
  readonly platform: Pick<App["platform"], "nowMs" | "isAllowed" | "isMicrophoneRefused" | "askForPosition"> & { position(): { readonly accuracy_m: number; readonly age_s: number } | null };
  readonly radio: Pick<App["radio"], "isConnected">;
  readonly roads: Pick<App["roads"], "sms" | "smsAnswers" | "silentMinutes">;
  readonly codes: Pick<App["codes"], "page" | "mustBeChosen" | "close">;
  readonly test: Pick<App["test"], "armedUntilMs">;
  readonly testStep: App["testStep"];
  readonly holdMs: number;
  /** A page that works only while it is open: never the only way to call for help (safety rule 16). */
  readonly isSecondWay: boolean;
  /** Whether a button can be linked here at all; and which are offered. */
  readonly canLink: boolean;
  readonly buttons: readonly ("own" | "shelly")[];
  /** The push service that may vouch for this page's storage; null where nothing of the kind is needed. */
  readonly reach: App["reach"] | null;
  readonly further: readonly Further[];
  /** What the phone's platform took back, or never allowed, and an alarm may want. */
  readonly lacks: readonly ("button" | "radio" | "battery" | "texts")[];
  /** Whether sound can be recorded here at all. */
  readonly hasMicrophone: boolean;
  /** A newer version that may take this one's place now; null where there is none, or it comes by itself as a web page's does. */
  readonly update: { readonly hasFailed: boolean; install(): Promise<void> } | null;
  /** Called whenever any of it changes. */
  changed: () => void;
  /** Takes what the officer's page shows. Resolves with the way to the first codes; rejects with why it was not taken. */
  enrol(code: string): Promise<ChooseCodes>;
  /** Both codes, once more. */
  readonly renew: ChooseCodes;
  enter(code: string): ReturnType<App["enter"]>;
  cancel(code: string): ReturnType<App["cancel"]>;
  /** Links the kit's button. Rejects with RadioError. `address`: of one that only broadcasts. */
  pair(address: string | null): Promise<void>;
  allowListening(): Promise<boolean>;
  endListening(): Promise<void>;
  armTest(nowMs: number): void;
  disarmTest(): void;
  testNow(): Promise<void>;
  pressOnScreen(): Promise<void>;
  /** What is on the screen now is a small app, or looks like one; else it is hers. */
  onShown(isDecoy: boolean): void;
}
