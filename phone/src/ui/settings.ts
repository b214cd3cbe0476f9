/** What is hers to choose. */
import { LANGUAGES, type Language, setLanguage, text } from "../locales";
import { readAloud } from "./aloud";
import { DECOYS, type Decoy } from "./choices";
import { dress } from "./decoy";
import { el, heading, show, tick } from "./dom";
import type { Further, Inside } from "./inside";
import { lostChoice } from "./lost";
import { pictogram } from "./pictograms";
import { privateNote } from "./private";
import type { Ways } from "./screens";
import { signedFilm } from "./signed";
import { smsAnswerChoice } from "./sms_road";

const HOLDS_S = [1, 2, 3, 4, 5] as const;

export function showSettings(app: Inside, ways: Ways): void {
  const { now } = app.chosen;
  // What was chosen is kept by and by: anyone who went on meanwhile is not taken back.
  const again = () => void (page.isConnected && showSettings(app, ways));
  const page = el(
    "main",
    { class: "phone" },
    el("header", {}, heading(text("settings.title")), el("button", { class: "quit", id: "quit", onclick: () => ways.decoy() }, text("home.quit"), pictogram("leave"))),
    decoyChoice(app),
    languageChoice(app, again),
    tick(text("settings.screen"), now.holdsScreen, (holdsScreen) => void app.chosen.change({ holdsScreen })),
    holdChoice(app),
    tick(text("settings.vibration"), now.vibrates, (vibrates) => void app.chosen.change({ vibrates })),
    app.isSecondWay && el("p", { class: "muted" }, text("settings.vibration.hidden")),
    ...place(app),
    ...app.further.flatMap(further),
    ...listening(app),
    ...smsAnswerChoice(app),
    ...lostChoice(app),
    tick(text("settings.aloud"), now.readsAloud, (readsAloud) => void app.chosen.change({ readsAloud }).then(again)),
    el("p", { class: "muted" }, text("settings.aloud.why")),
    readAloud(app),
    signedFilm(),
    el("button", { id: "settings-back", onclick: () => ways.home() }, text("settings.back")),
  );
  show(page, text(`decoy.${now.decoy}`));
}

function decoyChoice(app: Inside): HTMLElement {
  const { decoy } = app.chosen.now;
  const options = DECOYS.map((one) => el("option", { value: one, selected: one === decoy }, text(`decoy.${one}`)));
  const disguise = () => void app.chosen.change({ decoy: choice.value as Decoy }).then(() => dress(app.chosen.now.decoy));
  const choice = el("select", { id: "decoy-choice", onchange: disguise }, ...options);
  return el("section", { class: "fields" },
    el("label", {}, text("settings.decoy"), choice),
    app.isSecondWay && el("p", { class: "muted" }, text("settings.decoy.icon")),
    el("label", {}, text("settings.private"), privateNote("second-note")));
}

function languageChoice(app: Inside, again: () => void): HTMLElement {
  const options = Object.entries(LANGUAGES).map(([code, name]) =>
    el("option", { value: code, lang: code, selected: code === app.chosen.now.language }, name),
  );
  const choose = () => {
    const language = choice.value as Language;
    void app.chosen.change({ language }).then(() => {
      // With the texts and not before: a page that is read aloud says what it shows in its own language.
      setLanguage(language);
      dress(app.chosen.now.decoy);
      again();
    });
  };
  const choice = el("select", { id: "language", onchange: choose }, ...options);
  return el("label", {}, text("settings.language"), choice);
}

function holdChoice(app: Inside): HTMLElement {
  const options = HOLDS_S.map((s) => el("option", { value: s, selected: s * 1000 === app.holdMs }, text("settings.hold.seconds", { n: s })));
  const choice = el("select", { id: "hold", onchange: () => void app.chosen.change({ holdMs: Number(choice.value) * 1000 }) }, ...options);
  return el("label", {}, text("settings.hold"), choice);
}

/** The position can still be allowed after setting up; where the browser refuses it, that is said. */
function place(app: Inside): HTMLElement[] {
  if (app.platform.isAllowed) return [];
  const fault = el("p", { class: "line alarm", role: "alert", id: "place-fault" });
  const allow = async () => {
    fault.textContent = "";
    if (await app.platform.askForPosition()) takeAway(button, fault);
    else fault.textContent = text("permission.position.refused");
  };
  const button = el("button", { id: "place", onclick: () => void allow() }, text("settings.position"), pictogram("place"));
  return [button, fault];
}

/** What is done goes by itself: the rest of the page stays as it is, and with it what she has pressed there meanwhile. */
function takeAway(...done: readonly HTMLElement[]): void {
  const isFocused = done.some((one) => one === document.activeElement);
  for (const one of done) one.remove();
  if (isFocused) document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
}

/** What only some phones ask for: it may have been left undone, or taken back since. */
function further({ word, picture, ask }: Further): HTMLElement[] {
  const fault = el("p", { class: "line alarm", role: "alert", id: `${word}-fault` });
  const allow = async () => {
    fault.textContent = "";
    if (!(await ask())) fault.textContent = text(`permission.${word}.refused`);
  };
  const button = el("button", { id: word, onclick: () => void allow() }, text(`permission.${word}`), pictogram(picture));
  return [button, el("p", { class: "muted" }, text(`permission.${word}.why`)), fault];
}

/** Nobody is asked for a microphone in an alarm, so it is asked for here; a refusal is said, and nothing is chosen. */
function listening(app: Inside): HTMLElement[] {
  if (!app.hasMicrophone) return [];
  const fault = el("p", { class: "line alarm", role: "alert", id: "listen-fault" });
  const choose = async (isWanted: boolean) => {
    fault.textContent = "";
    if (!isWanted) return app.endListening();
    if (await app.allowListening()) return;
    fault.textContent = text("permission.microphone.refused");
    box.querySelector("input")!.checked = false;
  };
  const box = tick(text("settings.listen"), app.chosen.now.listens, (isWanted) => void choose(isWanted));
  return [box, fault];
}
