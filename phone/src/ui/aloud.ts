/** Reading a page aloud (safety rule 33): only for those who chose it, only when tapped, since it is heard by anyone near. */
import { currentLanguage, text } from "../locales";
import { el } from "./dom";
import type { Inside } from "./inside";
import { pictogram } from "./pictograms";

const REGION = "BE";

/** The button that reads what stands around it, or nothing. */
export function readAloud(app: Inside): HTMLElement | null {
  if (!app.chosen.now.readsAloud || !("speechSynthesis" in self)) return null;
  const speak = () => {
    const page = document.querySelector("main");
    if (page) say(wordsOf(page));
  };
  return el("button", { id: "aloud", onclick: speak }, text("aloud.read"), pictogram("speak"));
}

/** Silent at once: somebody came in. */
export function hush(): void {
  if ("speechSynthesis" in self) speechSynthesis.cancel();
}

function say(words: string): void {
  speechSynthesis.cancel();
  const spoken = new SpeechSynthesisUtterance(words);
  spoken.lang = `${currentLanguage()}-${REGION}`;
  speechSynthesis.speak(spoken);
}

/** What a reader sees, block by block, each with a pause behind it. */
function wordsOf(page: HTMLElement): string {
  const blocks = [...page.querySelectorAll<HTMLElement>("h1, h2, p, dt, dd, label > span, button:not(#aloud)")];
  const words = blocks.map((block) => block.innerText.replaceAll(/\s+/g, " ").trim()).filter(Boolean);
  return words.map((line) => (/[.!?:]$/.test(line) ? line : `${line}.`)).join(" ");
}
