/** The texts: the same places in each language, and French punctuation that stays with its word. */
import { expect, test } from "vitest";
import { de } from "../src/locales/de";
import { isText, text, wordsOf } from "../src/locales";
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

// What only a web page ever shows: the words of a browser.
const OF_A_BROWSER = /^(lost\.|home\.web|done\.second|radio\.(unsupported|cannot-listen|stuck)|settings\.(decoy\.icon|vibration\.hidden)|proof\.phone\.loose)/;

test("what the app for Android shows speaks of no browser, and of no page that is to be closed", () => {
  for (const [name, texts] of Object.entries(languages)) {
    const shown = keys.filter((key) => !OF_A_BROWSER.test(key) && !isText(`${key}.app`));
    for (const key of shown) expect(texts[key], `${name} ${key}`).not.toMatch(/browser|navigateur|web|th(e|is) page\b.*(clos|open)|cette page|deze pagina|diese seite/i);
  }
});

test("an app has its own words where a page's would not fit, and the same elsewhere", () => {
  expect(wordsOf("do.unchecked", false)).toBe(text("do.unchecked"));
  expect(wordsOf("do.unchecked", true)).toBe(text("do.unchecked.app"));
  expect(wordsOf("do.offline", true)).toBe(text("do.offline"));
});

test("what is said of an update tells nobody what the app is for", () => {
  for (const texts of Object.values(languages)) {
    const shown = keys.filter((key) => key.startsWith("update.")).map((key) => texts[key]);
    expect(shown).toHaveLength(4);
    expect(shown.join(" ")).not.toMatch(/alarm|polic|polit|poliz|egide|112|button|knop|bouton/i);
  }
});
