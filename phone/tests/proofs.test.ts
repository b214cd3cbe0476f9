/** Rules 16 and 40: what the phone says of itself was proven, recently, and under the present conditions. */
import { describe, expect, test } from "vitest";
import { BUTTON_LASTS_MS, type Conditions, PROOF_LASTS_MS, Warning, checksOf, checksToShow, honesty, mustWarn, proofsOf } from "../src/core/proofs";

const WELL: Conditions = {
  nowMs: 1_000_000, provedAtMs: 990_000, isOnline: true, isRefused: false, isStoring: true, positionAllowed: true, buttonConnected: true, phonePct: 80, buttonPct: 80,
  checkedAtMs: 995_000, buttonHeardAtMs: 1000, holdsScreen: true,
};

describe("rule 16: the line is only as good as what a round trip proved", () => {
  test.each([
    ["through", {}],
    ["through", { buttonPct: null, phonePct: null }],
    ["through", { holdsScreen: false }],
    ["screen", { buttonConnected: null, buttonHeardAtMs: null, buttonPct: null }],
    ["no-way", { buttonConnected: null, holdsScreen: false }],
    ["no-way", { buttonConnected: false, holdsScreen: false }],
    ["unchecked", { checkedAtMs: null, buttonConnected: false }],
    ["unchecked", { checkedAtMs: 1_000_000 - PROOF_LASTS_MS - 1 }],
    ["button-unheard", { buttonHeardAtMs: null, phonePct: 3 }],
    ["button-unheard", { nowMs: 2000 + BUTTON_LASTS_MS, provedAtMs: 2000 + BUTTON_LASTS_MS, checkedAtMs: 2000 + BUTTON_LASTS_MS }],
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

  test("what supervision says shows quietly, once, and never while the phone must be quiet", () => {
    expect(checksOf([{ what: "seen" }, { what: "check", text: "phone-battery unheard-of silent" }])).toEqual(["silent", "phone-battery"]);
    expect(checksOf([])).toEqual([]);
    expect(checksOf([{ what: "check" }])).toEqual([]);
    expect(checksToShow(["silent", "phone-battery", "test-due"], "phone-low", true)).toEqual(["silent"]);
    expect(checksToShow(["phone-battery", "test-due"], "through", false)).toEqual(["phone-battery", "test-due"]);
    expect(mustWarn("through", null, 0, false, true)).toBe(true);
    expect(mustWarn("phone-low", 0, 0, true, true)).toBe(false);
  });

  test("each of button, phone and road is proven for itself", () => {
    expect(proofsOf(WELL)).toEqual({ button: true, phone: true, road: true });
    expect(proofsOf({ ...WELL, buttonConnected: null })).toEqual({ button: false, phone: true, road: true });
    expect(proofsOf({ ...WELL, buttonHeardAtMs: null, positionAllowed: false })).toEqual({ button: false, phone: false, road: true });
    expect(proofsOf({ ...WELL, isOnline: false })).toEqual({ button: true, phone: true, road: false });
  });

  test("who has no button is told so, and not warned of it for ever", () => {
    expect(mustWarn("screen", 0, 900_000, false)).toBe(false);
    expect(mustWarn("no-way", 0, 0, false)).toBe(true);
  });
});

describe("the warning of the first page", () => {
  test("the first page warns late for what may pass, at once for what will not, never while it must be quiet", () => {
    expect(mustWarn("offline", 0, 299_999, false)).toBe(false);
    expect(mustWarn("offline", 0, 300_000, false)).toBe(true);
    expect(mustWarn("phone-low", 0, 0, false)).toBe(true);
    expect(mustWarn("phone-low", 0, 0, true)).toBe(false);
    expect(mustWarn("through", null, 900_000, false)).toBe(false);
  });

  test("a trouble counts from when it was first seen, and one of an alarm's time from its end", () => {
    const warning = new Warning();
    const after = (s: number, isOpen = false, word: "offline" | "through" = "offline") =>
      warning.isDue({ word, nowMs: s * 1000, isOpen, isMuted: false, isTold: false });
    expect([after(0), after(299), after(300)]).toEqual([false, false, true]);
    expect([after(301, true), after(302), after(601), after(602)]).toEqual([false, false, false, true]);
    expect([after(603, false, "through"), after(604), after(903), after(904)]).toEqual([false, false, false, true]);
  });
});
