/** What lies in the phone's memory, row by row. */
import type { Bytes } from "../core/bytes";
import { Kind } from "../core/envelope";
import type { DeviceKey } from "../core/keys";
import { settled } from "./database";

export const PHONE = "phone";
export const PRESS = "press";

/** A signed message that waits for its receipt. `refused`: the status of the server's last refusal, or 0. */
export interface Outgoing {
  readonly counter: number;
  readonly kind: Kind;
  readonly data: Bytes;
  readonly refused: number;
}

/** A press: the counter of its message, the alarm that it belongs to, the last state that a reply carried. */
export interface Press {
  readonly counter: number;
  readonly buttonCounter: number | null;
  readonly alarm: string;
  readonly state: string;
  readonly receivedAtMs: number | null;
  readonly madeAtMs: number;
  /** When this phone learnt that the alarm was closed; positions go on for a while. */
  readonly closedAtMs: number | null;
}

export interface Sealed {
  readonly iv: Bytes;
  readonly data: ArrayBuffer;
}

export interface OutboxRow {
  readonly counter: number;
  readonly kind: Kind;
  readonly press: number | null;
  readonly refused: number;
  /** How often it was refused; absent in rows of older versions. */
  readonly refusals?: number;
  readonly sealed: Sealed;
}

export interface PhoneRow {
  readonly id: 1;
  readonly key: DeviceKey;
  readonly sealing: CryptoKey;
  readonly nextCounter: number;
  readonly buttonHighest: number;
}

export interface SealedRow {
  readonly id: string;
  readonly sealed: Sealed;
}

/** The button said this counter: the highest is at least as high. */
export async function noteHighest(tx: IDBTransaction, buttonCounter: number): Promise<void> {
  const phone = await settled<PhoneRow>(tx.objectStore(PHONE).get(1));
  if (buttonCounter <= phone.buttonHighest) return;
  await settled(tx.objectStore(PHONE).put({ ...phone, buttonHighest: buttonCounter }));
}

/** Adds a press or a test, unless this press of the button was kept before. */
export async function addedOnce(tx: IDBTransaction, press: Press): Promise<boolean> {
  const { buttonCounter } = press;
  if (buttonCounter !== null) {
    const kept = await settled<Press[]>(tx.objectStore(PRESS).getAll());
    if (kept.some((other) => other.buttonCounter === buttonCounter)) return false;
    await noteHighest(tx, buttonCounter);
  }
  await settled(tx.objectStore(PRESS).add(press));
  return true;
}

export function isAtRest(row: OutboxRow): boolean {
  return row.kind === Kind.HEARTBEAT && row.press === null;
}

/** Of two refused rows the one that was refused less often, else the first. */
export function seldomer(first: OutboxRow | null, second: OutboxRow): OutboxRow {
  return first === null || (second.refusals ?? 0) < (first.refusals ?? 0) ? second : first;
}

/** A press whose alarm is over keeps nothing but its numbers, like a test: so that the button's repetition of it is known. */
export function over(counter: number, buttonCounter: number | null): Press {
  return { counter, buttonCounter, alarm: "", state: "closed", receivedAtMs: null, madeAtMs: 0, closedAtMs: null };
}
