/** What the phone needs of a radio. Web Bluetooth stands behind it here; a native service can. */
import type { Advertised } from "../core/bthome";
import type { Bytes } from "../core/bytes";

/** What the zone should know of the button, as the body of a notice (protocol/link.py). */
export type Notice = "button-unpaired" | "button-findable" | "button-frame-refused";

export type RadioTrouble =
  | "unsupported" | "off" | "not-chosen" | "not-ours" | "lost" | "failed"
  | "unencrypted" | "unknown-kind" | "findable" | "cannot-listen" | "stuck" | "not-allowed";

/** The button could not be reached, paired or believed; the word says which (locales: radio.*). */
export class RadioError extends Error {
  constructor(readonly word: RadioTrouble) {
    super(word);
  }
}

export interface RadioEvents {
  /** Raw bytes from the button. */
  onFrame(data: Bytes): void;
  /** What a button that only broadcasts has said, proven to be from it, but perhaps said before. */
  onAdvertised(found: Advertised): void;
  onLink(isConnected: boolean): void;
  onTrouble(notice: Notice): void;
}

export interface Radio {
  readonly isPaired: boolean;
  readonly isConnected: boolean;
  /**
   * Finds the button in its pairing window and proves on both sides that they belong together. Rejects with RadioError.
   *
   * Resolves to the counter of what the button said for it, which is no press; null where nothing was said.
   */
  pair(buttonKey: Bytes): Promise<number | null>;
  /** By which the platform knows the paired button again; "" when none is paired. */
  readonly buttonName: string;
  /** Takes up the button of that name, where the platform remembers it. */
  recall(buttonKey: Bytes, name: string): Promise<boolean>;
  /** Connects to the paired button again and again, until `stop`. */
  start(events: RadioEvents): void;
  stop(): void;
  /** A lost link is no error: the button repeats. */
  acknowledge(ack: Bytes): Promise<void>;
  /** Gives the button its hold time; whether it took it. */
  setHold(frame: Bytes): Promise<boolean>;
  /** The button's charge in percent; null when it cannot be asked. */
  batteryPct(): Promise<number | null>;
}
