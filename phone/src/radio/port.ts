/** What the phone needs of a radio. Web Bluetooth stands behind it here; a native service can. */
import type { Bytes } from "../core/bytes";

/** What the zone should know of the button, as the body of a notice (protocol/link.py). */
export type Notice = "button-unpaired" | "button-findable" | "button-frame-refused";

/** The button could not be reached, paired or believed; the word says which (locales: radio.*). */
export class RadioError extends Error {
  constructor(readonly word: "unsupported" | "off" | "not-chosen" | "not-ours" | "lost" | "failed") {
    super(word);
  }
}

export interface RadioEvents {
  /** Raw bytes from the button. */
  onFrame(data: Bytes): void;
  onLink(isConnected: boolean): void;
  onTrouble(notice: Notice): void;
}

export interface Radio {
  readonly isPaired: boolean;
  readonly isConnected: boolean;
  /** Finds the button in its pairing window and proves on both sides that they belong together. Rejects with RadioError. */
  pair(buttonKey: Bytes): Promise<void>;
  /** Connects to the paired button again, for ever, until `stop`. */
  start(events: RadioEvents): void;
  stop(): void;
  /** A lost link is no error: the button repeats. */
  acknowledge(ack: Bytes): Promise<void>;
  /** The button's charge in percent; null when it cannot be asked. */
  batteryPct(): Promise<number | null>;
}
