/** The SMS road as text: the vectors that the server's tests read too. The phone writes them and reads none. */
import { expect, test } from "vitest";
import vectors from "../../contracts/sms.json";
import { fromBase64url, fromHex, joined, toHex } from "../src/core/bytes";
import { LONGEST, answerFor, smsTexts } from "../src/core/sms";
import { randomBytes, randomly } from "./random";

test.each(vectors.texts)("$name", ({ envelope, parts }) => {
  expect(smsTexts(fromHex(envelope))).toEqual(parts);
  for (const part of parts) expect(part.length).toBeLessThanOrEqual(vectors.longest);
});

test.each(vectors.asking)("asking for an answer: $name", ({ envelope, number, parts }) => {
  expect(smsTexts(fromHex(envelope), number)).toEqual(parts);
});

test.each(vectors.asked)("the sentence of a phone: $kid in $language", ({ kid, language, number }) => {
  const { words, ...asked } = answerFor(kid, language as "fr");
  expect(asked.number).toBe(number);
  expect(vectors.answers.find((one) => one.number === number)).toEqual({ number, language, text: words });
});

test("every sentence is one that the server sends", () => {
  const first = ["00", "01", "02", "03"];
  const all = (["fr", "nl", "de", "en"] as const).flatMap((language) => first.map((kid) => ({ ...answerFor(kid, language), language })));
  expect(all.map(({ number, language, words }) => ({ number, language, text: words }))).toEqual(vectors.answers);
});

test("whatever fits comes through, what does not is refused", () => {
  const chance = randomly(20_261_126);
  for (let round = 0; round < 500; round++) {
    const bytes = randomBytes(chance, 231);
    const texts = smsTexts(bytes);
    for (const text of texts) expect(text).toMatch(/^EG1[12]\/2[A-Za-z0-9_-]*$/);
    expect(toHex(joined(...texts.map((text) => fromBase64url(text.slice("EG11/2".length)))))).toBe(toHex(bytes));
  }
  expect(smsTexts(new Uint8Array(230))[0]).toHaveLength(LONGEST);
  expect(() => smsTexts(new Uint8Array(231))).toThrow(RangeError);
});
