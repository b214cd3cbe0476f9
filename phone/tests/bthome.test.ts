/** BTHome buttons: the vectors that the server's tests read too, bypasses, and bytes that mean nothing. */
import { expect, test } from "vitest";
import vectors from "../../contracts/bthome.json";
import { BthomeError, checkFresh, decodeBthome, isAlarm } from "../src/core/bthome";
import { fromHex } from "../src/core/bytes";
import { randomBytes, randomly } from "./random";

const key = fromHex(vectors.key);
const address = fromHex(vectors.sequence_address);

test.each(vectors.cases)("$what", async (vector) => {
  const found = decodeBthome(fromHex(vector.data), fromHex(vector.address), key);
  if ("reason" in vector) {
    await expect(found).rejects.toMatchObject({ reason: vector.reason });
    return;
  }
  const { counter, events, battery_pct, packet } = vector;
  expect(await found).toEqual({ counter, events, battery_pct, packet });
  expect(isAlarm(await found)).toBe(vector.is_alarm);
});

test("no replay gets through, whatever comes between and after a restart", async () => {
  let highest = 0;
  for (const line of vectors.sequence) {
    let outcome = "taken";
    try {
      const found = await decodeBthome(fromHex(line.data), address, key);
      checkFresh(found, highest);
      highest = found.counter;
    } catch (error) {
      outcome = (error as BthomeError).reason;
    }
    expect(outcome, line.what).toBe(line.outcome);
  }
});

test("random bytes are refused with a reason and nothing else", async () => {
  const chance = randomly(20_261_125);
  for (let round = 0; round < 2000; round++) {
    await expect(decodeBthome(randomBytes(chance, 40), address, key)).rejects.toBeInstanceOf(BthomeError);
  }
});
