/**
 * The narrow way from these pages to the native engine (docs/decisions/0078): one message port, text both ways. The window
 * hands it over once its page stands; what is said before that waits for it.
 */

/** What the engine says of itself: docs/android.md has each field. Without a kit it says no more than that. */
export interface EngineState {
  readonly isEnrolled: boolean;
  readonly hasCodes: boolean;
  readonly holdMs: number;
  /** Whether there was a kit here that can no longer be read. */
  readonly isLost: boolean;
  /** The word of the open alarm, "" at rest; whether it may be shown, and whether what stands in its press's way may be. */
  readonly alarm: string;
  readonly showsAlarm: boolean;
  readonly saysTrouble: boolean;
  /** Whether the phone plays dead, after a code under threat. */
  readonly isMuted: boolean;
  readonly saysCancelled: boolean;
  readonly team: string;
  readonly question: string;
  readonly trouble: string;
  /** What supervision asks her to look at, words with spaces between. */
  readonly checks: string;
  readonly test: string;
  readonly testUntilMs: number;
  /** When a test last got through, as far as the open page says. Times are in ms since 1970; null: never, or not known. */
  readonly testedAtMs: number | null;
  readonly answeredAtMs: number | null;
  readonly provedAtMs: number | null;
  readonly checkedAtMs: number | null;
  readonly mayLocate: boolean;
  /** How exact the last fix is, in metres; null without one. */
  readonly accuracyM: number | null;
  /** When the last fix was, by the phone's clock; null without one. */
  readonly fixAtMs: number | null;
  /** Whether a press may go by text message too: there is a number for it. */
  readonly hasTexts: boolean;
  /** Addresses of the two texts of a press that neither servers nor the network took otherwise, with a space between; "" for none. */
  readonly smsLinks: string;
  /** Whether a newer version waits for her word. */
  readonly hasUpdate: boolean;
  readonly hasMicrophone: boolean;
  readonly mayListen: boolean;
  readonly listens: boolean;
  readonly vibrates: boolean;
  /** Whether buttons are listened to that anybody can follow: in an app for trials alone. */
  readonly hearsBroadcasts: boolean;
  /** Whether what is kept was damaged and mended, and no test came through since. */
  readonly isMended: boolean;
  /** Whether Bluetooth is off or not allowed to the app. */
  readonly isRadioOff: boolean;
  readonly isPaired: boolean;
  readonly isConnected: boolean;
  readonly buttonHeardAtMs: number | null;
  readonly buttonPct: number | null;
  readonly phonePct: number | null;
}

/** What the core is asked: the shape of it is part of what the core promises its pages. */
export type Question =
  | { readonly what: "state" | "press" | "test" | "untest" | "prove" | "pair" | "leave" | "install" }
  | { readonly what: "enrol"; readonly server: string; readonly code: string }
  | { readonly what: "codes"; readonly own: string; readonly threat: string }
  | { readonly what: "unlock" | "cancel"; readonly code: string }
  | { readonly what: "broadcasting"; readonly address: string }
  | { readonly what: "answer"; readonly word: string }
  | { readonly what: "vibrates" | "listens"; readonly is: boolean };

/** What only the window's platform can allow. */
export type Permission = "button" | "position" | "position-unseen" | "microphone" | "battery" | "texts";

export class Port {
  private end: MessagePort | null = null;
  private waiting: string[] = [];
  private readonly asked = new Map<string, ((word: string) => void)[]>();
  private allowing: ((grants: Record<string, unknown>) => void)[] = [];
  /** What the platform allowed when it said so last; it says so whenever the window is seen again. */
  private granted: Record<string, unknown> = {};

  /** `news` gets each change of what the engine says of itself; what is no such thing is passed over. */
  constructor(
    private readonly news: (state: Partial<EngineState>) => void,
    private readonly allowed: () => void,
  ) {
    addEventListener("message", (event) => this.take(event as MessageEvent));
  }

  tell(question: Question): void {
    this.say(JSON.stringify(question));
  }

  /** The same, with the word of the answer. */
  ask(question: Question): Promise<string> {
    return new Promise((resolve) => {
      this.asked.set(question.what, [...(this.asked.get(question.what) ?? []), resolve]);
      this.tell(question);
    });
  }

  /** Has the platform ask her; whether it is allowed then. */
  allow(what: Permission): Promise<boolean> {
    return new Promise((resolve) => {
      this.allowing.push((grants) => resolve(grants[what] === true));
      this.say(`platform allow ${what}`);
    });
  }

  askAll(): void {
    this.say("platform grants");
  }

  isRefused(what: Permission): boolean {
    return this.granted[what] === false;
  }

  /** Whether pictures of the window are forbidden: always, but for a decoy, which would give itself away by it. */
  secure(isHers: boolean): void {
    this.say(`platform secure ${isHers ? "on" : "off"}`);
  }

  /** Name and icon in the launcher. */
  dress(decoy: string): void {
    this.say(`platform show ${decoy}`);
  }

  private say(words: string): void {
    if (this.end) this.end.postMessage(words);
    else this.waiting.push(words);
  }

  /** The window of the app is nobody's page: its message has no origin. Only the first port is taken. */
  private take(event: MessageEvent): void {
    const [end] = event.ports;
    if (this.end !== null || event.origin !== "" || event.data !== "port" || end === undefined) return;
    this.end = end;
    end.onmessage = ({ data }) => this.hear(data);
    for (const words of this.waiting.splice(0)) end.postMessage(words);
  }

  private hear(data: unknown): void {
    const state = stateIn(data);
    if (state) return this.news(state);
    const { answer, grants } = objectIn(data) as { answer?: { what?: unknown; word?: unknown }; grants?: Record<string, unknown> };
    if (typeof answer?.what === "string" && typeof answer.word === "string") this.asked.get(answer.what)?.shift()?.(answer.word);
    if (!grants) return;
    this.granted = grants;
    for (const each of this.allowing.splice(0)) each(grants);
    this.allowed();
  }
}

const SHAPE: Readonly<Record<keyof EngineState, "boolean" | "string" | "number" | "number or null">> = {
  isEnrolled: "boolean", hasCodes: "boolean", holdMs: "number", isLost: "boolean", alarm: "string", showsAlarm: "boolean", saysTrouble: "boolean", isMuted: "boolean",
  saysCancelled: "boolean", team: "string", question: "string", trouble: "string", checks: "string", test: "string", testUntilMs: "number",
  testedAtMs: "number or null", answeredAtMs: "number or null", provedAtMs: "number or null", checkedAtMs: "number or null",
  mayLocate: "boolean", accuracyM: "number or null", fixAtMs: "number or null", hasTexts: "boolean", hasMicrophone: "boolean", mayListen: "boolean", listens: "boolean",
  vibrates: "boolean", hearsBroadcasts: "boolean", isMended: "boolean", isRadioOff: "boolean", isPaired: "boolean", isConnected: "boolean", buttonHeardAtMs: "number or null", buttonPct: "number or null", phonePct: "number or null",
  hasUpdate: "boolean", smsLinks: "string",
};

/** The object in a word of the engine's; an empty one for anything else. */
function objectIn(data: unknown): Record<string, unknown> {
  try {
    return Object(JSON.parse(String(data))) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** The state in a word of the engine's, as far as this version knows it; null for anything else. */
export function stateIn(data: unknown): Partial<EngineState> | null {
  const state = objectIn(data).state as Record<string, unknown> | null | undefined;
  if (state === null || typeof state !== "object" || typeof state.isEnrolled !== "boolean") return null;
  const isOf = (kind: string, value: unknown) => typeof value === kind || (kind === "number or null" && (value === null || typeof value === "number"));
  const known = Object.entries(SHAPE).filter(([name]) => name in state);
  return known.every(([name, kind]) => isOf(kind, state[name])) ? Object.fromEntries(known.map(([name]) => [name, state[name]])) : null;
}
