/**
 * The narrow way from these pages to the native engine (docs/decisions/0078): one message port, text both ways. The window
 * hands it over once its page stands; what is said before that waits for it.
 */

/** What the engine last said of itself; before it has, or where there is none, a phone without a kit. */
export interface EngineState {
  readonly isEnrolled: boolean;
  readonly decoy: string;
  readonly language: string;
  readonly holdsScreen: boolean;
  readonly holdMs: number;
  /** Whether the first page should say quietly that she had better look. */
  readonly warns: boolean;
  /** The word of the open alarm, "" at rest. */
  readonly alarm: string;
  /** Whether the phone plays dead, after a code under threat. */
  readonly isMuted: boolean;
}

/** What the core is asked: the shape of it is part of what the core promises its pages. */
export type Question = { readonly what: "state" } | { readonly what: "press" };

export class Port {
  private end: MessagePort | null = null;
  private waiting: string[] = [];

  /** `news` gets each change of what the engine says of itself; what is no such thing is passed over. */
  constructor(private readonly news: (state: EngineState) => void) {
    addEventListener("message", (event) => this.take(event as MessageEvent));
  }

  ask(question: Question): void {
    this.say(JSON.stringify(question));
  }

  /** Whether pictures of the window are forbidden: always, but for a decoy, which would give itself away by it. */
  secure(isHers: boolean): void {
    this.say(`platform secure ${isHers ? "on" : "off"}`);
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
    if (state) this.news(state);
  }
}

const SHAPE: Readonly<Record<keyof EngineState, "boolean" | "string" | "number">> = {
  isEnrolled: "boolean", decoy: "string", language: "string", holdsScreen: "boolean", holdMs: "number", warns: "boolean", alarm: "string", isMuted: "boolean",
};

/** The state in a word of the engine's; null for anything else. */
export function stateIn(data: unknown): EngineState | null {
  let read: unknown;
  try {
    read = JSON.parse(String(data));
  } catch {
    return null;
  }
  const state = (read as { state?: Record<string, unknown> } | null)?.state;
  if (state === null || typeof state !== "object") return null;
  return Object.entries(SHAPE).every(([name, kind]) => typeof state[name] === kind) ? (state as unknown as EngineState) : null;
}
