/**
 * Decoders and bytes that mean nothing: each refuses with its own error, and what it takes it writes the same way.
 *
 * The same bytes in every run; `make fuzz` tries other ones, for FUZZ_SECONDS each, and says from which seed.
 */
import { expect, test } from "vitest";
import bthome from "../../contracts/bthome.json";
import vectors from "../../contracts/vectors.json";
import { BthomeError, decodeBthome } from "../src/core/bthome";
import { fromHex, toBase64url, toHex } from "../src/core/bytes";
import { CborError, decode as decodeCbor, encode as encodeCbor } from "../src/core/cbor";
import { EnvelopeError, decode, encodePayload, sealPayload } from "../src/core/envelope";
import { enrolmentReplyOf } from "../src/core/enrolment";
import { FrameError, decodeFrame } from "../src/core/frame";
import { receiptIsValid, receiptOf } from "../src/core/receipt";
import { handedOn, linksOf } from "../src/core/receipt_key";
import { type Chance, randomBytes, randomly } from "./random";

const ROUNDS = 3000;
const SECONDS = Number(process.env["FUZZ_SECONDS"] ?? 0);
const FIRST_SEED = SECONDS ? Math.floor(Math.random() * 2 ** 31) : 0;
const valid = vectors.valid.map((vector) => fromHex(vector.envelope));

/** Try with one chance after the other: for `rounds`, or for as long as somebody asked for. */
async function tried(name: string, rounds: number, once: (chance: Chance, round: number) => void | Promise<void>): Promise<void> {
  const seed = FIRST_SEED + name.length;
  const chance = randomly(seed);
  const end = Date.now() + SECONDS * 1000;
  let round = 0;
  try {
    while (round < rounds || Date.now() < end) await once(chance, round++);
  } catch (error) {
    throw new Error(`${name}: seed ${seed}, round ${round}`, { cause: error });
  }
  if (SECONDS) console.info(`${name}: ${round} rounds from seed ${seed}`);
}

/** One of these with some bytes changed, cut off or added. */
function damaged(chance: Chance, wholes: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const whole = wholes[Math.floor(chance() * wholes.length)]!;
  const bytes = whole.slice(0, chance() < 0.3 ? Math.floor(chance() * whole.length) : whole.length);
  for (let i = 0; i < 1 + chance() * 3; i++) bytes[Math.floor(chance() * bytes.length)] = Math.floor(chance() * 256);
  return bytes;
}

const LONG = { timeout: SECONDS * 1000 + 30_000 };

test("CBOR: random bytes are refused, or are the only encoding of what they say", LONG, () =>
  tried("cbor", ROUNDS, (chance) => {
    const bytes = randomBytes(chance, 24);
    try {
      expect(toHex(encodeCbor(decodeCbor(bytes)))).toBe(toHex(bytes));
    } catch (error) {
      if (!(error instanceof CborError)) throw error;
    }
  }));

test("envelope: whatever is damaged is refused with a reason, or is another envelope to the byte", LONG, async () => {
  let refused = 0;
  await tried("envelope", ROUNDS, (chance, round) => {
    const bytes = round % 3 ? damaged(chance, valid) : randomBytes(chance, 140);
    try {
      const { kid, message, signature } = decode(bytes);
      expect(toHex(sealPayload(kid, encodePayload(message), signature))).toBe(toHex(bytes));
    } catch (error) {
      if (!(error instanceof EnvelopeError)) throw error;
      refused += 1;
    }
  });
  expect(refused).toBeGreaterThan(ROUNDS / 2);
});

test("frame: no random bytes are a button's press", LONG, () =>
  tried("frame", 300, (chance) => expect(decodeFrame(randomBytes(chance, 24), new Uint8Array(16))).rejects.toBeInstanceOf(FrameError)));

test("broadcast: whatever is damaged is refused with a reason", LONG, async () => {
  const heard = bthome.cases.map((one) => fromHex(one.data));
  await tried("broadcast", 300, async (chance) => {
    try {
      await decodeBthome(damaged(chance, heard), new Uint8Array(6), fromHex(bthome.key));
    } catch (error) {
      if (!(error instanceof BthomeError)) throw error;
    }
  });
});

test("links of the key of receipts: whatever is told hands nothing on", LONG, () =>
  tried("links", 200, async (chance) => {
    const link = toBase64url(randomBytes(chance, chance() < 0.5 ? 96 : 90));
    const answer: unknown = chance() < 0.5 ? { keys: [link, String.fromCharCode(...randomBytes(chance, 128)), 7] } : randomBytes(chance, 9);
    for (const told of linksOf(answer)) expect(await handedOn(told, new Uint8Array(32))).toBeNull();
  }));

test("answers: anything else than a receipt or a reply is refused", LONG, async () => {
  const odd: unknown[] = [null, 1, "x", [], {}, { seq: -1 }, { seq: 1, alarm: 2 }, { servers: 1 }];
  for (const answer of odd) {
    expect(receiptOf(answer)).toBeNull();
    expect(() => enrolmentReplyOf(answer, "00")).toThrow();
  }
  await tried("answers", 200, async (chance) => {
    const signature = String.fromCharCode(...randomBytes(chance, 90));
    const receipt = { seq: 1, alarm: "", received_at: 1, state: "", next_counter: 1, pending: [], signature };
    expect(await receiptIsValid(receipt, valid[0]!, new Uint8Array(32))).toBe(false);
  });
});
