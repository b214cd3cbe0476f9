/** Decoders and bytes that mean nothing: each refuses with its own error, and what it takes it writes the same way. */
import { expect, test } from "vitest";
import vectors from "../../contracts/vectors.json";
import { fromHex, toHex } from "../src/core/bytes";
import { CborError, decode as decodeCbor, encode as encodeCbor } from "../src/core/cbor";
import { EnvelopeError, decode, encodePayload, sealPayload } from "../src/core/envelope";
import { enrolmentReplyOf } from "../src/core/enrolment";
import { FrameError, decodeFrame } from "../src/core/frame";
import { receiptIsValid, receiptOf } from "../src/core/receipt";
import { type Chance, randomBytes, randomly } from "./random";

const ROUNDS = 3000;
const valid = vectors.valid.map((vector) => fromHex(vector.envelope));

/** A valid envelope with some bytes changed, cut off or added. */
function damaged(chance: Chance): Uint8Array<ArrayBuffer> {
  const whole = valid[Math.floor(chance() * valid.length)]!;
  const bytes = whole.slice(0, chance() < 0.3 ? Math.floor(chance() * whole.length) : whole.length);
  for (let i = 0; i < 1 + chance() * 3; i++) bytes[Math.floor(chance() * bytes.length)] = Math.floor(chance() * 256);
  return bytes;
}

test("CBOR: random bytes are refused, or are the only encoding of what they say", () => {
  const chance = randomly(1);
  for (let round = 0; round < ROUNDS; round++) {
    const bytes = randomBytes(chance, 24);
    try {
      expect(toHex(encodeCbor(decodeCbor(bytes)))).toBe(toHex(bytes));
    } catch (error) {
      if (!(error instanceof CborError)) throw error;
    }
  }
});

test("envelope: whatever is damaged is refused with a reason, or is another envelope to the byte", () => {
  const chance = randomly(2);
  let refused = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const bytes = round % 3 ? damaged(chance) : randomBytes(chance, 140);
    try {
      const { kid, message, signature } = decode(bytes);
      expect(toHex(sealPayload(kid, encodePayload(message), signature))).toBe(toHex(bytes));
    } catch (error) {
      if (!(error instanceof EnvelopeError)) throw error;
      refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(ROUNDS / 2);
});

test("frame: no random bytes are a button's press", async () => {
  const chance = randomly(3);
  for (let round = 0; round < 300; round++) await expect(decodeFrame(randomBytes(chance, 24), new Uint8Array(16))).rejects.toBeInstanceOf(FrameError);
});

test("answers: anything else than a receipt or a reply is refused", async () => {
  const odd: unknown[] = [null, 1, "x", [], {}, { seq: -1 }, { seq: 1, alarm: 2 }, { servers: 1 }];
  for (const answer of odd) {
    expect(receiptOf(answer)).toBeNull();
    expect(() => enrolmentReplyOf(answer, "00")).toThrow();
  }
  const chance = randomly(4);
  for (let round = 0; round < 200; round++) {
    const signature = String.fromCharCode(...randomBytes(chance, 90));
    const receipt = { seq: 1, alarm: "", received_at: 1, state: "", next_counter: 1, pending: [], signature };
    expect(await receiptIsValid(receipt, valid[0]!, new Uint8Array(32))).toBe(false);
  }
});
