/** What the phone decides: the rules that bear a number in docs/safety.md, and the pauses between attempts. */
import { describe, expect, test } from "vitest";
import { type Conditions, PROOF_LASTS_MS, checkedServer, checksOf, checksToShow, honesty, isTest, judge, mustWarn, nextCounter, pauseMs, serverOrder, tellAfterMs } from "../src/core/rules";

const WELL: Conditions = {
  nowMs: 1_000_000, provedAtMs: 990_000, isOnline: true, isRefused: false, isStoring: true, positionAllowed: true, buttonConnected: true, phonePct: 80, buttonPct: 80,
};

describe("rule 16: the line is only as good as what a round trip proved", () => {
  test.each([
    ["through", {}],
    ["through", { buttonConnected: null, buttonPct: null, phonePct: null }],
    ["not-stored", { isStoring: false, isOnline: false }],
    ["refused", { isRefused: true, isOnline: false }],
    ["offline", { isOnline: false }],
    ["unproved", { provedAtMs: null }],
    ["unproved", { provedAtMs: 1_000_000 - PROOF_LASTS_MS - 1 }],
    ["unproved", { provedAtMs: 1_000_001 }],
    ["no-button", { buttonConnected: false, phonePct: 3 }],
    ["phone-low", { phonePct: 14 }],
    ["button-low", { buttonPct: 14 }],
    ["no-position", { positionAllowed: false }],
  ] as const)("%s when %j", (word, change) => {
    expect(honesty({ ...WELL, ...change })).toBe(word);
  });

  test("the first page warns late for what may pass, at once for what will not, never while it must be quiet", () => {
    expect(mustWarn("offline", 0, 299_999, false)).toBe(false);
    expect(mustWarn("offline", 0, 300_000, false)).toBe(true);
    expect(mustWarn("phone-low", 0, 0, false)).toBe(true);
    expect(mustWarn("phone-low", 0, 0, true)).toBe(false);
    expect(mustWarn("through", null, 900_000, false)).toBe(false);
  });

  test("what supervision says shows quietly, once, and never while the phone must be quiet", () => {
    expect(checksOf([{ what: "seen" }, { what: "check", text: "phone-battery unheard-of silent" }])).toEqual(["silent", "phone-battery"]);
    expect(checksOf([])).toEqual([]);
    expect(checksOf([{ what: "check" }])).toEqual([]);
    expect(checksToShow(["silent", "phone-battery", "test-due"], "phone-low", true)).toEqual(["silent"]);
    expect(checksToShow(["phone-battery", "test-due"], "through", false)).toEqual(["phone-battery", "test-due"]);
    expect(mustWarn("through", null, 0, false, true)).toBe(true);
    expect(mustWarn("phone-low", 0, 0, true, true)).toBe(false);
  });
});

test("rule 20: a test is a press that was made while the test was armed and no alarm was open", () => {
  const armed = { fromMs: 1000, untilMs: 121_000 };
  expect([999, 1000, 120_999, 121_000].map((at) => isTest(at, armed, false))).toEqual([false, true, true, false]);
  expect([1999, 2000, 120_999, 121_000].map((at) => isTest(at, armed, false, 1000))).toEqual([false, true, true, false]);
  expect(isTest(2000, armed, true)).toBe(false);
  // A press of unknown age may be an old one.
  expect(isTest(null, armed, false)).toBe(false);
});

test("a button's counter only rises; what is kept is acknowledged again", () => {
  expect(judge(8, 7, false)).toBe("accept");
  expect(judge(7, 7, true)).toBe("duplicate");
  expect(judge(3, 7, false)).toBe("replay");
});

test("pauses grow to their limit and are never nothing", () => {
  for (let failures = 1; failures < 40; failures++) {
    expect(pauseMs(failures, 15_000, 0)).toBe(50);
    expect(pauseMs(failures, 15_000, 1)).toBe(Math.min(15_000, 500 * 2 ** (failures - 1)));
  }
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
