/** How far a test is, by the clock of the phone. */
import { expect, test } from "vitest";
import { TestState } from "../src/ui/test_state";

test("rule 20: a test that was armed before the clock was set back is over, as its press is real", () => {
  const state = new TestState();
  state.arm(1_800_000_000_000);
  expect([1_800_000_000_000, 1_800_000_119_999, 1_800_000_120_000, 1_799_999_999_999, 1_484_000_000_000].map((nowMs) => state.step(nowMs))).toEqual(["armed", "armed", "none", "none", "none"]);
});
