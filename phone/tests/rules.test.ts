/** What the phone decides: the rules that bear a number in docs/safety.md, and the pauses between attempts. */
import { expect, test } from "vitest";
import { checkedServer, isTest, judge, nextCounter, pauseMs, serverOrder, tellAfterMs, waitMs } from "../src/core/rules";

test("rule 20: a test is a press that was made while the test was armed and no alarm was open", () => {
  const armed = { fromMs: 1000, untilMs: 121_000 };
  expect([999, 1000, 120_999, 121_000].map((at) => isTest(at, armed, false))).toEqual([false, true, true, false]);
  expect([1999, 2000, 120_999, 121_000].map((at) => isTest(at, armed, false, 1000))).toEqual([false, true, true, false]);
  expect(isTest(2000, armed, true)).toBe(false);
  // A press of unknown age may be an old one.
  expect(isTest(null, armed, false)).toBe(false);
});

test("a press of the button counts once, also behind a later one; far behind it was held back", () => {
  expect(judge(8, 7, false)).toBe("accept");
  expect(judge(7, 7, true)).toBe("duplicate");
  expect(judge(3, 7, true)).toBe("duplicate");
  expect(judge(3, 7, false)).toBe("accept");
  expect([judge(37, 100, false), judge(36, 100, false), judge(36, 100, true)]).toEqual(["accept", "replay", "duplicate"]);
});

test("pauses grow to their limit and are never nothing", () => {
  for (let failures = 1; failures < 40; failures++) {
    expect(pauseMs(failures, 15_000, 0)).toBe(50);
    expect(pauseMs(failures, 15_000, 1)).toBe(Math.min(15_000, 500 * 2 ** (failures - 1)));
  }
});

test("what a server says of the time has bounds", () => {
  const said = { "1": 1, "3": 3, "15": 15, "16": 15, "3600": 15, "0": 1, "999999999": 15 };
  for (const [text, seconds] of Object.entries(said)) expect(waitMs(text)).toBe(seconds * 1000);
  for (const odd of ["", "-1", "1.5", "soon", "9999999999", "٣", "Sun, 06 Nov 1994 08:49:37 GMT"]) expect(waitMs(odd)).toBe(1000);
});

test("positions come each second until somebody has seen the alarm, then in their interval", () => {
  expect(tellAfterMs(5000, "received", 3)).toBe(1000);
  expect(tellAfterMs(5000, "received", 10)).toBe(5000);
  expect(tellAfterMs(5000, "acknowledged", 1)).toBe(5000);
});

test("addresses: the last good one first, and nothing but https leaves this machine", () => {
  expect(serverOrder(3, 1)).toEqual([1, 2, 0]);
  expect(checkedServer("https://a.example/")).toBe("https://a.example");
  expect(checkedServer("http://localhost:8000")).toBe("http://localhost:8000");
  expect(() => checkedServer("http://a.example")).toThrow(RangeError);
});

test("the server may raise the counter, by no more than a leap", () => {
  expect(nextCounter(5, 9)).toBe(9);
  expect(nextCounter(5, 3)).toBe(5);
  expect(nextCounter(5, 2_000_000)).toBe(5);
});
