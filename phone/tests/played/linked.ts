/** In the place of Web Bluetooth: a button that is linked, whose every state is a history's. */
import { type Bytes, toHex } from "../../src/core/bytes";
import type { Radio, RadioEvents } from "../../src/radio/port";
import { world } from "./world";

/** What outlives the page. */
export const button = { isPaired: true, isConnected: true, takesHold: true, pct: 80 as number | null };

export class PlayedRadio implements Radio {
  events: RadioEvents | null = null;
  readonly buttonName = "button";

  get isPaired(): boolean {
    return button.isPaired;
  }

  get isConnected(): boolean {
    return button.isConnected;
  }

  async pair(): Promise<null> {
    return null;
  }

  async recall(): Promise<boolean> {
    return true;
  }

  start(events: RadioEvents): void {
    this.events = events;
  }

  stop(): void {
    this.events = null;
  }

  async acknowledge(ack: Bytes): Promise<void> {
    world.did.push(["radio", toHex(ack)]);
  }

  async setHold(frame: Bytes): Promise<boolean> {
    world.did.push(["radio", toHex(frame)]);
    return button.takesHold;
  }

  async batteryPct(): Promise<number | null> {
    return button.pct;
  }
}

export function radioFor(): PlayedRadio {
  return new PlayedRadio();
}

export async function link(): Promise<boolean> {
  return false;
}
