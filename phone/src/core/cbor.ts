/**
 * A strict reader and writer for the part of CBOR that the envelope uses (RFC 8949, section 4.2: deterministic).
 *
 * Integers, byte strings, text, arrays, maps with integer keys, true and false; each value has exactly one encoding.
 */
import { type Bytes, compared, joined, utf8 } from "./bytes";

export type Value = number | bigint | Uint8Array | string | boolean | readonly Value[] | ReadonlyMap<number | bigint, Value>;

export class CborError extends Error {
  /** `reason` is a short stable word of contracts/vectors.json. */
  constructor(
    readonly reason: string,
    detail = "",
  ) {
    super(detail ? `${reason}: ${detail}` : reason);
  }
}

const MAX_DEPTH = 4;
const MAX_ITEMS = 64;
const UINT = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;
const TAG = 6;
const SIMPLE = 7;

/** Initial byte and argument in the shortest form. */
export function encodeHead(major: number, value: number | bigint): Bytes {
  const argument = BigInt(value);
  if (argument < 24n) return Uint8Array.of((major << 5) | Number(argument));
  for (const [code, size] of [[24, 1], [25, 2], [26, 4], [27, 8]] as const) {
    if (argument < 1n << BigInt(8 * size)) {
      const head = new Uint8Array(1 + size);
      head[0] = (major << 5) | code;
      for (let i = 0; i < size; i++) head[size - i] = Number((argument >> BigInt(8 * i)) & 0xffn);
      return head;
    }
  }
  throw new CborError("number-too-large", String(value));
}

/** The only encoding of `value`. Throws CborError for a number that has none. */
export function encode(value: Value): Bytes {
  if (typeof value === "boolean") return Uint8Array.of(value ? 0xf5 : 0xf4);
  if (typeof value === "number" || typeof value === "bigint") return encodeInteger(value);
  if (typeof value === "string") return encodeString(TEXT, utf8(value));
  if (value instanceof Uint8Array) return encodeString(BYTES, value);
  if (value instanceof Map) {
    const pairs = [...(value as ReadonlyMap<number | bigint, Value>)]
      .map(([key, item]) => [encode(key), encode(item)] as const)
      .sort(([one], [other]) => compared(one, other));
    return joined(encodeHead(MAP, pairs.length), ...pairs.flat());
  }
  const items = value as readonly Value[];
  return joined(encodeHead(ARRAY, items.length), ...items.map(encode));
}

function encodeInteger(value: number | bigint): Bytes {
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new CborError("unsupported-type", `${value}`);
  const whole = BigInt(value);
  return whole >= 0n ? encodeHead(UINT, whole) : encodeHead(NEGATIVE, -1n - whole);
}

function encodeString(major: number, bytes: Uint8Array): Bytes {
  return joined(encodeHead(major, bytes.length), bytes);
}

/** The value of the whole of `data`. Throws only CborError. */
export function decode(data: Uint8Array): Value {
  const reader = new Reader(data);
  const value = reader.value(0);
  if (reader.at !== data.length) throw new CborError("trailing-bytes", `${data.length - reader.at} after the value`);
  return value;
}

class Reader {
  at = 0;
  private items = 0;

  constructor(private readonly data: Uint8Array) {}

  value(depth: number): Value {
    this.items += 1;
    if (this.items > MAX_ITEMS) throw new CborError("too-many-items", `more than ${MAX_ITEMS}`);
    const initial = this.data[this.at];
    if (initial === undefined) throw new CborError("truncated");
    const major = initial >> 5;
    const info = initial & 31;
    if (major === SIMPLE) return this.simple(initial, info);
    if (major === TAG) throw new CborError("unsupported-type", "tag");
    const argument = this.argument(initial, info);
    if (major === UINT) return plain(argument);
    if (major === NEGATIVE) return plain(-1n - argument);
    if (major === BYTES) return this.bytes(argument);
    if (major === TEXT) return this.text(argument);
    if (depth >= MAX_DEPTH) throw new CborError("too-deep");
    return major === ARRAY ? this.array(argument, depth + 1) : this.map(argument, depth + 1);
  }

  private simple(initial: number, info: number): boolean {
    if (info !== 20 && info !== 21) throw new CborError("unsupported-type", `initial byte ${initial}`);
    this.at += 1;
    return info === 21;
  }

  private argument(initial: number, info: number): bigint {
    this.at += 1;
    if (info < 24) return BigInt(info);
    if (info > 27) throw new CborError(info === 31 ? "indefinite-length" : "unsupported-type", `initial byte ${initial}`);
    const size = 1 << (info - 24);
    if (this.at + size > this.data.length) throw new CborError("truncated");
    let argument = 0n;
    for (const byte of this.data.subarray(this.at, this.at + size)) argument = (argument << 8n) | BigInt(byte);
    this.at += size;
    const least = size === 1 ? 24n : 1n << BigInt(4 * size);
    if (argument < least) throw new CborError("not-deterministic", "number not in its shortest form");
    return argument;
  }

  private bytes(size: bigint): Bytes {
    if (size > BigInt(this.data.length - this.at)) throw new CborError("truncated");
    const end = this.at + Number(size);
    const raw = this.data.slice(this.at, end);
    this.at = end;
    return raw as Bytes;
  }

  private text(size: bigint): string {
    const raw = this.bytes(size);
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);
    } catch {
      throw new CborError("bad-text", "not UTF-8");
    }
  }

  private array(size: bigint, depth: number): Value[] {
    if (size > BigInt(this.data.length - this.at)) throw new CborError("truncated");
    return Array.from({ length: Number(size) }, () => this.value(depth));
  }

  private map(size: bigint, depth: number): Map<number | bigint, Value> {
    if (size * 2n > BigInt(this.data.length - this.at)) throw new CborError("truncated");
    const result = new Map<number | bigint, Value>();
    let last: Uint8Array = new Uint8Array();
    for (let i = 0; i < Number(size); i++) {
      const start = this.at;
      const key = this.value(depth);
      if (typeof key !== "number" && typeof key !== "bigint") throw new CborError("bad-key", "keys are integers");
      const raw = this.data.subarray(start, this.at);
      if (compared(raw, last) <= 0) throw new CborError("not-deterministic", "keys out of order or repeated");
      last = raw;
      result.set(key, this.value(depth));
    }
    return result;
  }
}

/** A number where it is exact, else a bigint. */
function plain(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
