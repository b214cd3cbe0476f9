/** The harmless first pages: what they compute, what they keep, and what an older choice becomes. */
import { afterEach, expect, test, vi } from "vitest";
import { choicesOf, freshChoices } from "../src/ui/choices";
import { weeksOf } from "../src/ui/decoys/calendar";
import { KINDS, type Kind, converted } from "../src/ui/decoys/converter";
import { keep, kept } from "../src/ui/decoys/drawer";

afterEach(() => vi.unstubAllGlobals());

test.each<[Kind, string, string, number, number]>([
  ["length", "mi", "km", 1, 1.609344],
  ["length", "ft", "in", 1, 12],
  ["weight", "lb", "oz", 1, 16],
  ["weight", "kg", "g", 1.5, 1500],
  ["temperature", "°C", "°F", 100, 212],
  ["temperature", "°F", "°C", -40, -40],
  ["temperature", "K", "°C", 0, -273.15],
  ["volume", "gal (US)", "fl oz (US)", 1, 128],
])("%s: %s to %s", (kind, from, to, value, answer) => {
  const place = (sign: string) => KINDS[kind].findIndex((unit) => unit.sign === sign);
  expect(converted(kind, value, place(from), place(to))).toBeCloseTo(answer, 9);
});

test("a month begins on its weekday and has all its days, also in a leap year", () => {
  const days = (year: number, month: number) => weeksOf(new Date(year, month, 15)).map((day) => day?.getDate() ?? 0);
  expect(days(2024, 1)).toEqual([0, 0, 0, ...Array.from({ length: 29 }, (_, day) => day + 1), 0, 0, 0]);
  expect(days(2026, 1).filter(Boolean)).toHaveLength(28);
  expect(days(2026, 10).indexOf(1)).toBe(6);
});

test("a drawer keeps what was put in, and one that is broken or refused takes nothing from the page", () => {
  const shelf = new Map<string, string>();
  vi.stubGlobal("localStorage", { getItem: (name: string) => shelf.get(name) ?? null, setItem: (name: string, what: string) => shelf.set(name, what) });
  expect(kept("private", "empty")).toBe("empty");
  keep("private", "");
  expect(kept("private", "empty")).toBe("");
  shelf.set("dates", "{");
  expect(kept("dates", {})).toEqual({});
  vi.stubGlobal("localStorage", undefined);
  keep("private", "more");
  expect(kept("private", "empty")).toBe("empty");
});

test("a first page that this version does not have becomes one that works, and nothing else changes", () => {
  const fresh = freshChoices("fr", "timer");
  expect(choicesOf(null, fresh)).toEqual(fresh);
  const older = { decoy: "weather", language: "nl", holdMs: 3000 } as object;
  expect(choicesOf(older, fresh)).toEqual({ ...fresh, language: "nl", holdMs: 3000 });
  expect(choicesOf({ decoy: "calendar" }, fresh).decoy).toBe("calendar");
});
