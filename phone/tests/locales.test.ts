/** The texts: the same places in each language, and French punctuation that stays with its word. */
import { expect, test } from "vitest";
import { de } from "../src/locales/de";
import { type Key, en } from "../src/locales/en";
import { fr } from "../src/locales/fr";
import { nl } from "../src/locales/nl";

const languages = { en, fr, nl, de };
const keys = Object.keys(en) as Key[];
const places = (words: string) => [...words.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();

test.each(Object.entries(languages))("%s says everything, with the same places", (_name, texts) => {
  expect(Object.keys(texts).sort()).toEqual([...keys].sort());
  for (const key of keys) {
    expect(texts[key].trim(), key).not.toBe("");
    expect(places(texts[key]), key).toEqual(places(en[key]));
  }
});

test("French signs stand behind a narrow space that does not break", () => {
  for (const key of keys) expect(fr[key], key).not.toMatch(/(^|[^\u202f])[:;?!»]|«[^\u202f]/);
});

test("the first pages of all languages name neither alarm nor police", () => {
  for (const texts of Object.values(languages)) {
    const shown = keys.filter((key) => key.startsWith("decoy.") && key !== "decoy.stale.why").map((key) => texts[key]);
    expect(shown.join(" ")).not.toMatch(/alarm|polic|polit|poliz|egide|112/i);
  }
});

test("what leaves her without the police says 112 in each language", () => {
  const atRest = ["honest.refused", "honest.not-stored", "do.offline", "do.unproved"] as const;
  const inAlarm = ["alarm.refused", "alarm.not-stored", "alarm.kept", "alarm.unreachable", "alarm.offline"] as const;
  for (const words of Object.values(languages)) for (const key of [...atRest, ...inAlarm]) expect(words[key]).toContain("112");
});
