/**
 * The envelope of every message from a phone: COSE_Sign1 (RFC 9052, section 4.2) with EdDSA over a small CBOR map.
 *
 * Grammar: contracts/envelope.cddl. Vectors, shared with the server: contracts/vectors.json.
 */
import { type Bytes, equal, fromHex, joined } from "./bytes";
import { CborError, type Value, decode as decodeCbor, encode as encodeCbor, encodeHead } from "./cbor";

const MAX_BYTES = 256 * 1024;
// Sound is as long as an envelope may be; words, codes and notices are short.
const MOST_WORDS_BYTES = 4096;
const SIGNATURE_BYTES = 64;
const KID_BYTES = 8;
const UINT16 = 0xffff;
const UINT32 = 0xffff_ffff;

const PREFIX = fromHex("d2844da201270448");
const AFTER_KID = fromHex("a0");
const SIGNATURE_HEAD = fromHex("5840");
const CONTEXT = fromHex("846a5369676e617475726531");

export const Kind = { PRESS: 1, POSITION: 2, HEARTBEAT: 3, CANCEL: 4, TEST: 5, TEXT: 6, AUDIO: 7, NOTICE: 8 } as const;
export type Kind = (typeof Kind)[keyof typeof Kind];
export const Source = { UNKNOWN: 0, SATELLITE: 1, NETWORK: 2, MANUAL: 3 } as const;
export const Trigger = { UNKNOWN: 0, BUTTON: 1, SCREEN: 2, DURESS: 3 } as const;

/** WGS84 in 1e-7 degree, the radius that holds the person, and the fix's age when the message was made. */
export interface Position {
  readonly lat_e7: number;
  readonly lon_e7: number;
  readonly accuracy_m: number;
  readonly age_s: number;
  readonly source: number;
}

/** Charge in percent; null where it is not known. */
export interface Battery {
  readonly phone_pct: number | null;
  readonly button_pct: number | null;
}

/** One message; null stands for a field that is absent. `press`: counter of the press that it belongs to. */
export interface Message {
  readonly kind: Kind;
  readonly counter: number;
  readonly sent_at_s: number;
  readonly position: Position | null;
  readonly battery: Battery | null;
  readonly link: number | null;
  readonly trigger: number | null;
  readonly press: number | null;
  readonly body: Uint8Array | null;
}

export interface Envelope {
  readonly kid: Bytes;
  readonly payload: Bytes;
  readonly signature: Bytes;
  readonly message: Message;
}

export class EnvelopeError extends Error {
  /** `reason` is one of the words of contracts/vectors.json. */
  constructor(
    readonly reason: string,
    detail = "",
  ) {
    super(detail ? `${reason}: ${detail}` : reason);
  }
}

/** The only payload of `message`. Throws EnvelopeError for a field out of range. */
export function encodePayload(message: Message): Bytes {
  let payload: Bytes;
  try {
    payload = encodeCbor(toMap(message));
  } catch (error) {
    if (error instanceof CborError) throw new EnvelopeError("out-of-range", error.message);
    throw error;
  }
  decodePayload(payload);
  return payload;
}

/** What is signed: the Sig_structure of RFC 9052, section 4.4. */
export function toBeSigned(kid: Uint8Array, payload: Uint8Array): Bytes {
  return joined(CONTEXT, PREFIX.subarray(2), kid, Uint8Array.of(0x40), encodeHead(2, payload.length), payload);
}

/** The parts as one tagged COSE_Sign1. Throws EnvelopeError when it is too large. */
export function sealPayload(kid: Uint8Array, payload: Uint8Array, signature: Uint8Array): Bytes {
  const data = joined(PREFIX, kid, AFTER_KID, encodeHead(2, payload.length), payload, SIGNATURE_HEAD, signature);
  checkSize(data);
  return data;
}

/** Reads an envelope. Throws only EnvelopeError. The signature is not checked here. */
export function decode(data: Uint8Array): Envelope {
  checkSize(data);
  const kidEnd = PREFIX.length + KID_BYTES;
  if (!equal(data.subarray(0, PREFIX.length), PREFIX) || !equal(data.subarray(kidEnd, kidEnd + 1), AFTER_KID)) {
    throw new EnvelopeError("bad-header", "not a tagged COSE_Sign1 with EdDSA and an 8-byte key id");
  }
  const signatureAt = data.length - SIGNATURE_BYTES - SIGNATURE_HEAD.length;
  const payloadAt = payloadStart(data, kidEnd + 1, signatureAt);
  if (!equal(data.subarray(signatureAt, signatureAt + SIGNATURE_HEAD.length), SIGNATURE_HEAD)) {
    throw new EnvelopeError("bad-signature-field", "the signature is a byte string of 64");
  }
  const payload = new Uint8Array(data.slice(payloadAt, signatureAt));
  return {
    kid: new Uint8Array(data.slice(PREFIX.length, kidEnd)),
    payload,
    signature: new Uint8Array(data.slice(signatureAt + SIGNATURE_HEAD.length)),
    message: decodePayload(payload),
  };
}

function checkSize(data: Uint8Array): void {
  if (data.length > MAX_BYTES) throw new EnvelopeError("too-large", `${data.length} bytes, at most ${MAX_BYTES}`);
}

/** Where the payload begins, once its length is known to fill the space up to `end`. */
function payloadStart(data: Uint8Array, at: number, end: number): number {
  if (end <= at) throw new EnvelopeError("truncated");
  for (const headSize of [1, 2, 3, 5]) {
    const start = at + headSize;
    if (start <= end && equal(data.subarray(at, start), encodeHead(2, end - start))) return start;
  }
  throw new EnvelopeError("bad-payload-length", "the payload's length does not fill the envelope");
}

function toMap(message: Message): Map<number, Value> {
  const fields = new Map<number, Value>([
    [1, message.kind],
    [2, message.counter],
    [3, message.sent_at_s],
  ]);
  const { position, battery } = message;
  if (position) {
    fields.set(4, [position.lat_e7, position.lon_e7, position.accuracy_m, position.age_s, position.source]);
  }
  if (battery) fields.set(5, [battery.phone_pct ?? 255, battery.button_pct ?? 255]);
  for (const [key, value] of [[6, message.link], [7, message.trigger], [8, message.press], [9, message.body]] as const) {
    if (value !== null) fields.set(key, value);
  }
  return fields;
}

type Fields = ReadonlyMap<number | bigint, Value>;

/** Reads a payload. Throws only EnvelopeError. */
function decodePayload(payload: Uint8Array): Message {
  let fields: Value;
  try {
    fields = decodeCbor(payload);
  } catch (error) {
    if (error instanceof CborError) throw new EnvelopeError(error.reason, error.message);
    throw error;
  }
  if (!(fields instanceof Map)) throw new EnvelopeError("not-a-map");
  for (const key of fields.keys()) {
    if (typeof key !== "number" || key < 1 || key > 9) throw new EnvelopeError("unknown-field", String(key));
  }
  const message: Message = {
    kind: kindOf(fields),
    counter: required(fields, 2, 1, UINT32),
    sent_at_s: required(fields, 3, 0, UINT32),
    position: positionOf(fields.get(4)),
    battery: batteryOf(fields.get(5)),
    link: optional(fields, 6, 0, UINT16),
    trigger: optional(fields, 7, 0, 255),
    press: optional(fields, 8, 1, UINT32),
    body: bodyOf(fields.get(9)),
  };
  checkTogether(message);
  if (message.kind !== Kind.AUDIO && payload.length > MOST_WORDS_BYTES) throw new EnvelopeError("too-long", `${payload.length} bytes`);
  return message;
}

function checkTogether(message: Message): void {
  if (message.kind === Kind.PRESS) {
    if (message.press !== null || message.body !== null) {
      throw new EnvelopeError("press-with-extra", "a press has neither field 8 nor field 9");
    }
  } else if (message.press !== null && message.press >= message.counter) {
    throw new EnvelopeError("press-in-the-future", "field 8 must be lower than the counter");
  }
}

function kindOf(fields: Fields): Kind {
  const value = required(fields, 1, 0, 255);
  const known = Object.values(Kind).find((kind) => kind === value);
  if (known === undefined) throw new EnvelopeError("unknown-kind", String(value));
  return known;
}

function required(fields: Fields, key: number, low: number, high: number): number {
  const value = fields.get(key);
  if (value === undefined) throw new EnvelopeError("missing-field", String(key));
  return within(value, low, high, String(key));
}

function optional(fields: Fields, key: number, low: number, high: number): number | null {
  const value = fields.get(key);
  return value === undefined ? null : within(value, low, high, String(key));
}

function within(value: Value | undefined, low: number, high: number, name: string): number {
  if (typeof value !== "number" && typeof value !== "bigint") throw new EnvelopeError("wrong-type", `field ${name}`);
  if (value < low || value > high) throw new EnvelopeError("out-of-range", `field ${name} is ${value}`);
  return Number(value);
}

function listOf(value: Value, size: number, name: string): readonly Value[] {
  if (!Array.isArray(value) || value.length !== size) throw new EnvelopeError("wrong-type", `field ${name}`);
  return value as readonly Value[];
}

function positionOf(value: Value | undefined): Position | null {
  if (value === undefined) return null;
  const [lat, lon, accuracy, age, source] = listOf(value, 5, "4");
  return {
    lat_e7: within(lat, -900_000_000, 900_000_000, "4.lat"),
    lon_e7: within(lon, -1_800_000_000, 1_800_000_000, "4.lon"),
    accuracy_m: within(accuracy, 0, UINT16, "4.accuracy"),
    age_s: within(age, 0, UINT16, "4.age"),
    source: within(source, 0, 255, "4.source"),
  };
}

function batteryOf(value: Value | undefined): Battery | null {
  if (value === undefined) return null;
  const levels = listOf(value, 2, "5").map((level) => within(level, 0, 255, "5"));
  if (levels.some((level) => level > 100 && level < 255)) {
    throw new EnvelopeError("out-of-range", "field 5 is a percentage, or 255 for unknown");
  }
  const [phone, button] = levels.map((level) => (level === 255 ? null : level));
  return { phone_pct: phone ?? null, button_pct: button ?? null };
}

function bodyOf(value: Value | undefined): Uint8Array | null {
  if (value === undefined) return null;
  if (!(value instanceof Uint8Array)) throw new EnvelopeError("wrong-type", "field 9");
  return value;
}
