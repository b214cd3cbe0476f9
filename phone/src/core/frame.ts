/** What button and phone say to each other over Bluetooth, byte by byte as contracts/gatt.md describes it. */
import { type Bytes, equal, joined, utf8 } from "./bytes";
import { cmac } from "./cmac";

const VERSION = 1;
const PRESS = 1;
const ACK = 0x81;
const HOLD = 0x82;
const MAC_BYTES = 8;
export const NONCE_BYTES = 8;
const PRESS_BYTES = 19;
const AGE_UNKNOWN = 0xffff;
const BATTERY_UNKNOWN = 255;

const FROM_BUTTON = utf8("egide-b1");
const FROM_PHONE = utf8("egide-p1");
const SET_BY_PHONE = utf8("egide-s1");
const CLAIM_BY_PHONE = utf8("egide-c1");
const CLAIM_BY_BUTTON = utf8("egide-c2");

/** One press as the button tells it; null where the button does not know. */
interface ButtonFrame {
  readonly counter: number;
  readonly held_ms: number;
  readonly age_s: number | null;
  readonly battery_pct: number | null;
}

export class FrameError extends Error {
  /** `reason` is length, version, mac, kind or value. */
  constructor(
    readonly reason: string,
    detail: string,
  ) {
    super(`${reason}: ${detail}`);
  }
}

/** The press in `data`, if the holder of `key` (16 bytes) made it. Rejects only with FrameError. */
export async function decodeFrame(data: Bytes, key: Bytes): Promise<ButtonFrame> {
  if (data.length !== PRESS_BYTES) throw new FrameError("length", `${data.length} bytes, expected ${PRESS_BYTES}`);
  if (data[0] !== VERSION) throw new FrameError("version", `${data[0]}, expected ${VERSION}`);
  const fields = data.slice(0, -MAC_BYTES);
  if (!equal(data.slice(-MAC_BYTES), await mac(key, FROM_BUTTON, fields))) {
    throw new FrameError("mac", "not made with this button's key");
  }
  const view = new DataView(fields.buffer);
  if (view.getUint8(1) !== PRESS) throw new FrameError("kind", `${view.getUint8(1)}`);
  const age = view.getUint16(8, true);
  const battery = view.getUint8(10);
  const counter = view.getUint32(2, true);
  if (counter === 0) throw new FrameError("value", "counter 0");
  if (battery > 100 && battery !== BATTERY_UNKNOWN) throw new FrameError("value", `battery ${battery} %`);
  return {
    counter,
    held_ms: view.getUint16(6, true),
    age_s: age === AGE_UNKNOWN ? null : age,
    battery_pct: battery === BATTERY_UNKNOWN ? null : battery,
  };
}

/** The 14 bytes with which the phone says that it keeps the press `counter`. */
export async function encodeAck(counter: number, key: Bytes): Promise<Bytes> {
  const fields = new DataView(new ArrayBuffer(6));
  fields.setUint8(0, VERSION);
  fields.setUint8(1, ACK);
  fields.setUint32(2, counter, true);
  const bytes = new Uint8Array(fields.buffer);
  return joined(bytes, await mac(key, FROM_PHONE, bytes));
}

/** The 16 bytes with which the phone sets the button's hold time; `version` is that of the kit's settings. */
export async function encodeHold(version: number, holdMs: number, key: Bytes): Promise<Bytes> {
  const fields = new DataView(new ArrayBuffer(8));
  fields.setUint8(0, VERSION);
  fields.setUint8(1, HOLD);
  fields.setUint32(2, version, true);
  fields.setUint16(6, holdMs, true);
  const bytes = new Uint8Array(fields.buffer);
  return joined(bytes, await mac(key, SET_BY_PHONE, bytes));
}

/** The 16 bytes with which the phone proves, right after pairing, that it was enrolled for this button. */
export async function encodeClaim(buttonNonce: Bytes, phoneNonce: Bytes, key: Bytes): Promise<Bytes> {
  return joined(phoneNonce, await mac(key, CLAIM_BY_PHONE, buttonNonce, phoneNonce));
}

/** The 8 bytes with which the button proves in turn that it is the right one. */
export async function claimAnswer(buttonNonce: Bytes, phoneNonce: Bytes, key: Bytes): Promise<Bytes> {
  return mac(key, CLAIM_BY_BUTTON, buttonNonce, phoneNonce);
}

async function mac(key: Bytes, ...parts: readonly Uint8Array[]): Promise<Bytes> {
  return (await cmac(key, joined(...parts))).slice(0, MAC_BYTES);
}
