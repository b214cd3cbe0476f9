/**
 * Shelly BLU Button and its kin: encrypted BTHome v2 advertisements (bthome.io/format, /encryption), bytes in, value out.
 *
 * Strict where the usual parsers are not: only encrypted, the MIC always, the counter always above the highest that was
 * ever taken, which the caller keeps on disk. Vectors, shared with the server: contracts/bthome.json.
 */
import { type Bytes, equal, joined } from "./bytes";

const UUID16 = Uint8Array.of(0xd2, 0xfc);
const MIC_BYTES = 4;
const TAIL_BYTES = 8;
const BLOCK = 16;
const PACKET = 0x00;
const BATTERY = 0x01;
const BUTTON = 0x3a;
/** What else these buttons and their cousins say: object and size of its value in bytes. */
const OTHERS: ReadonlyMap<number, number> = new Map([
  [0x02, 2], [0x03, 2], [0x05, 3], [0x0c, 2], [0x2e, 1], [0x3f, 2], [0x45, 2], [0x60, 1], [0xf0, 2], [0xf1, 4], [0xf2, 3],
]);
const LONG_PRESS = 0x04;
const HOLD_PRESS = 0x80;

export interface Advertised {
  readonly counter: number;
  readonly events: readonly number[];
  readonly battery_pct: number | null;
  readonly packet: number | null;
}

export class BthomeError extends Error {
  /** `reason` is one of the words of contracts/bthome.json. */
  constructor(readonly reason: string) {
    super(reason);
  }
}

/** Service data of one advertisement of the device `address` (6 bytes, as written) under its bind key. */
export async function decodeBthome(data: Bytes, address: Bytes, key: Bytes): Promise<Advertised> {
  const info = data[0];
  if (info === undefined) throw new BthomeError("too-short");
  if (info >> 5 !== 2) throw new BthomeError("not-version-2");
  if ((info & 1) === 0) throw new BthomeError("not-encrypted");
  if (data.length < 1 + TAIL_BYTES) throw new BthomeError("too-short");
  const counter = data.slice(-TAIL_BYTES, -MIC_BYTES);
  const nonce = joined(address, UUID16, data.subarray(0, 1), counter);
  const plain = await opened(key, nonce, data.slice(1, -TAIL_BYTES), data.slice(-MIC_BYTES));
  if (plain === null) throw new BthomeError("wrong-key");
  return read(plain, new DataView(counter.buffer, counter.byteOffset).getUint32(0, true));
}

/** Throws BthomeError for a counter that is not above the highest that was ever taken. */
export function checkFresh(advertised: Advertised, highest: number): void {
  if (advertised.counter <= highest) throw new BthomeError("replay");
}

/** Only what takes a second or more is an alarm: a short touch happens in every pocket. */
export function isAlarm(advertised: Advertised): boolean {
  return advertised.events.some((event) => event === LONG_PRESS || event === HOLD_PRESS);
}

/** AES-CCM (RFC 3610, L = 2, M = 4), which WebCrypto lacks, on its AES-CTR and AES-CBC; null when the MIC is wrong. */
async function opened(key: Bytes, nonce: Bytes, sealed: Bytes, mic: Bytes): Promise<Bytes | null> {
  const stream = await crypto.subtle.importKey("raw", key, "AES-CTR", false, ["decrypt"]);
  const first = joined(Uint8Array.of(1), nonce, new Uint8Array(2));
  const masked = joined(mic, new Uint8Array(BLOCK - MIC_BYTES), sealed);
  const clear = new Uint8Array(await crypto.subtle.decrypt({ name: "AES-CTR", counter: first, length: 16 }, stream, masked));
  const plain = clear.slice(BLOCK);
  return equal(clear.subarray(0, MIC_BYTES), await authentication(key, nonce, plain)) ? plain : null;
}

/** CBC-MAC over the first block and the plain text, filled up with zeros. */
async function authentication(key: Bytes, nonce: Bytes, plain: Bytes): Promise<Bytes> {
  const cbc = await crypto.subtle.importKey("raw", key, "AES-CBC", false, ["encrypt"]);
  const head = joined(Uint8Array.of(8 * ((MIC_BYTES - 2) / 2) + 1), nonce, Uint8Array.of(plain.length >> 8, plain.length & 0xff));
  const blocks = new Uint8Array(BLOCK * (1 + Math.ceil(plain.length / BLOCK)));
  blocks.set(head);
  blocks.set(plain, BLOCK);
  const encrypted = await crypto.subtle.encrypt({ name: "AES-CBC", iv: new Uint8Array(BLOCK) }, cbc, blocks);
  return new Uint8Array(encrypted.slice(blocks.length - BLOCK, blocks.length - BLOCK + MIC_BYTES));
}

function read(plain: Bytes, counter: number): Advertised {
  const events: number[] = [];
  const values = new Map<number, number>();
  for (let at = 0; at < plain.length; ) {
    const what = plain[at]!;
    const size = what === PACKET || what === BATTERY || what === BUTTON ? 1 : OTHERS.get(what);
    if (size === undefined) throw new BthomeError("unknown-object");
    if (at + 1 + size > plain.length) throw new BthomeError("truncated");
    if (what === BUTTON) events.push(plain[at + 1]!);
    else if (size === 1) values.set(what, plain[at + 1]!);
    at += 1 + size;
  }
  const battery = values.get(BATTERY) ?? null;
  if (battery !== null && battery > 100) throw new BthomeError("out-of-range");
  return { counter, events, battery_pct: battery, packet: values.get(PACKET) ?? null };
}
