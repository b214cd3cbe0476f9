/** The app's texts in the reader's language. */
import { de } from "./de";
import { type Key, type Texts, en } from "./en";
import { fr } from "./fr";
import { nl } from "./nl";

export type { Key } from "./en";

export const LANGUAGES = { fr: "Français", nl: "Nederlands", de: "Deutsch", en: "English" } as const;
export type Language = keyof typeof LANGUAGES;

const TEXTS: Readonly<Record<Language, Texts>> = { fr, nl, de, en };
let current: Language = "en";

export function isLanguage(word: string): word is Language {
  return Object.hasOwn(LANGUAGES, word);
}

/** The first language of the browser that the app has, else French. */
export function browserLanguage(): Language {
  return navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage) ?? "fr";
}

/** Whether the app has words for it. */
export function isText(key: string): key is Key {
  return Object.hasOwn(en, key);
}

/** Whether the operator can ask this with a text that the app has. */
export function isQuestion(word: string): boolean {
  return isText(`text.question.${word}`);
}

export function setLanguage(language: Language): void {
  current = language;
  document.documentElement.lang = language;
}

export function currentLanguage(): Language {
  return current;
}

/** The text of `key`, with `{name}` replaced. */
export function text(key: Key, values: Readonly<Record<string, string | number>> = {}): string {
  return TEXTS[current][key].replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** The same in the words for an app, where the browser's own would not fit it. */
export function wordsOf(key: Key, isApp: boolean, values: Readonly<Record<string, string | number>> = {}): string {
  const own = `${key}.app`;
  return text(isApp && isText(own) ? own : key, values);
}
