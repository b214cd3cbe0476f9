/** The same vectors as the server's tests, byte for byte (contracts/vectors.json). */
import { describe, expect, test } from "vitest";
import vectors from "../../contracts/vectors.json";
import { fromHex, joined, toHex } from "../src/core/bytes";
import { type Compartments, NO_PAGE, opened } from "../src/core/compartments";
import { codeHash, enrolmentStatement } from "../src/core/enrolment";
import { EnvelopeError, type Message, decode, encodePayload, sealPayload, toBeSigned } from "../src/core/envelope";
import { envelopeIsSignedBy, kidOf, sha256, signed } from "../src/core/keys";
import { keyOf, openingStatement, stretched, tagOf } from "../src/core/opening";
import { receiptIsValid, receiptOf, receiptStatement } from "../src/core/receipt";
import { handedOn, handingStatement } from "../src/core/receipt_key";

// PKCS #8 of an Ed25519 seed (RFC 8410, section 7).
const PKCS8 = fromHex("302e020100300506032b657004220420");

async function privateKey(seed: string): Promise<CryptoKey> {
  return crypto.subtle.importKey("pkcs8", joined(PKCS8, fromHex(seed)), { name: "Ed25519" }, false, ["sign"]);
}

function messageOf(plain: (typeof vectors.valid)[number]["message"]): Message {
  const body = plain.body as string | null;
  return { ...plain, body: body === null ? null : fromHex(body) } as Message;
}

function reasonOf(data: Uint8Array): string {
  try {
    decode(data);
  } catch (error) {
    if (error instanceof EnvelopeError) return error.reason;
    throw error;
  }
  return "none";
}

describe("valid", () => {
  test.each(vectors.valid.map((vector) => [vector.name, vector] as const))("%s", async (_name, vector) => {
    const message = messageOf(vector.message);
    const kid = await kidOf(fromHex(vector.public_key));
    const payload = encodePayload(message);
    const signature = await signed(await privateKey(vector.seed), toBeSigned(kid, payload));
    expect(toHex(kid)).toBe(vector.kid);
    expect(toHex(payload)).toBe(vector.payload);
    expect(toHex(toBeSigned(kid, payload))).toBe(vector.to_be_signed);
    expect(toHex(sealPayload(kid, payload, signature))).toBe(vector.envelope);
    const envelope = decode(fromHex(vector.envelope));
    expect(envelope.message).toEqual(message);
    expect(await envelopeIsSignedBy(envelope, fromHex(vector.public_key))).toBe(true);
  });
});

describe("malformed", () => {
  test.each(vectors.malformed.map((vector) => [vector.name, vector] as const))("%s", (_name, vector) => {
    const data =
      "parts" in vector
        ? joined(...(vector.parts as [string, number][]).map(([hex, times]) => fromHex(hex.repeat(times))))
        : fromHex(vector.envelope as string);
    expect(reasonOf(data)).toBe(vector.reason);
  });
});

test.each(vectors.forged.map((vector) => [vector.name, vector] as const))("forged: %s", async (_name, vector) => {
  const envelope = decode(fromHex(vector.envelope));
  expect(await envelopeIsSignedBy(envelope, fromHex(vector.public_key))).toBe(false);
});

test.each(vectors.receipts)("receipt $receipt.seq", async (vector) => {
  const envelope = fromHex(vector.envelope);
  const receipt = receiptOf(vector.receipt)!;
  expect(toHex(receiptStatement(await sha256(envelope), receipt))).toBe(vector.statement);
  const key = fromHex(vector.server_key);
  expect(await receiptIsValid(receipt, envelope, key)).toBe(true);
  const pending = [...receipt.pending, { what: "listen-off" }];
  const changes = [{ seq: receipt.seq + 1 }, { next_counter: 9 }, { alarm: "x" }, { state: "closed" }, { pending }, { signature: "?" }];
  for (const change of changes) expect(await receiptIsValid({ ...receipt, ...change }, envelope, key)).toBe(false);
});

test.each(vectors.receipt_keys)("key of receipts handed on", async (vector) => {
  const [key, following] = [fromHex(vector.key), fromHex(vector.following)];
  expect(toHex(handingStatement(key, following))).toBe(vector.statement);
  expect(await handedOn(vector.link, key)).toEqual(following);
  for (const wrong of Object.values(vector.wrong)) expect(await handedOn(wrong, key)).toBeNull();
});

test.each(vectors.enrolments.filter(({ client }) => client !== null))("enrolment $code as $client", async (vector) => {
  expect(toHex(await codeHash(vector.code))).toBe(vector.code_hash);
  const statement = await enrolmentStatement(vector.code, fromHex(vector.public_key), vector.client!);
  expect(toHex(statement)).toBe(vector.statement);
  expect(toHex(await signed(await privateKey(vector.seed), statement))).toBe(vector.signature);
});

test.each(vectors.openings)("opening $code", async (vector) => {
  const stretch = await stretched(vector.code, fromHex(vector.salt));
  expect(toHex(stretch)).toBe(vector.stretch);
  const tag = await tagOf(stretch);
  expect([toHex(tag), toHex(openingStatement(tag))]).toEqual([vector.tag, vector.statement]);
  expect(toHex(await keyOf(stretch, fromHex(vector.part)))).toBe(vector.key);
});

test.each(vectors.compartments)("compartments are opened by both codes' keys", async ({ own, threat, page, compartments }) => {
  const both = compartments as unknown as Compartments;
  expect(await opened(fromHex(own), both)).toMatchObject({ isThreat: false, page });
  expect(await opened(fromHex(threat), both)).toMatchObject({ isThreat: true, page: NO_PAGE });
  expect(await opened(new Uint8Array(32), both)).toBeNull();
});
