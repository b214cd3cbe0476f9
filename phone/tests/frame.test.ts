/** The frames of contracts/gatt.md, from its table of vectors. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fromHex, joined, toHex } from "../src/core/bytes";
import { cmac } from "../src/core/cmac";
import { FrameError, claimAnswer, decodeFrame, encodeAck, encodeHold, encodeClaim } from "../src/core/frame";

const table = new Map(
  [...readFileSync(new URL("../../contracts/gatt.md", import.meta.url), "utf8").matchAll(/^\| `([^`]+)` \| `([0-9a-f]+)` \|/gm)].map(
    ([, what, hex]) => [what!, fromHex(hex!)] as const,
  ),
);
const vector = (what: string) => table.get(what)!;
const key = vector("key");

test("a press says its counter, hold, age and battery", async () => {
  expect(await decodeFrame(vector("press"), key)).toEqual({ counter: 7, held_ms: 2000, age_s: 0, battery_pct: 87 });
  expect((await decodeFrame(vector("press repeated after 41 s"), key)).age_s).toBe(41);
  expect(await decodeFrame(vector("press with nothing known"), key)).toEqual({
    counter: 0xffff_ffff,
    held_ms: 5000,
    age_s: null,
    battery_pct: null,
  });
});

test("acknowledgement and claim are the table's", async () => {
  expect(toHex(await encodeAck(7, key))).toBe(toHex(vector("acknowledgement")));
  expect(toHex(await encodeHold(7, 3000, key))).toBe(toHex(vector("hold time")));
  const [button, phone] = [vector("nonce of the button"), vector("nonce of the phone")];
  expect(toHex(await encodeClaim(button, phone, key))).toBe(toHex(vector("claim")));
  expect(toHex(await claimAnswer(button, phone, key))).toBe(toHex(vector("answer")));
});

test("one changed bit anywhere, and it is no frame of this button", async () => {
  for (let bit = 0; bit < 19 * 8; bit++) {
    const changed = vector("press").slice();
    changed[bit >> 3]! ^= 1 << (bit & 7);
    await expect(decodeFrame(changed, key)).rejects.toBeInstanceOf(FrameError);
  }
  await expect(decodeFrame(joined(vector("press"), Uint8Array.of(0)), key)).rejects.toMatchObject({ reason: "length" });
});

test.each([
  ["", "bb1d6929e95937287fa37d129b756746"],
  ["6bc1bee22e409f96e93d7e117393172a", "070a16b46b4d4144f79bdd9dd04a287c"],
  ["6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411", "dfa66747de9ae63030ca32611497c827"],
  [
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
    "51f0bebf7e3b9d92fc49741779363cfe",
  ],
])("AES-CMAC of RFC 4493, section 4: %s", async (message, expected) => {
  expect(toHex(await cmac(fromHex("2b7e151628aed2a6abf7158809cf4f3c"), fromHex(message)))).toBe(expected);
});
