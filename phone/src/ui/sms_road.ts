/** Without data: the same bytes in her own message app, which keeps them where everybody can see them. */
import type { Bytes } from "../core/bytes";
import { answerFor, smsTexts } from "../core/sms";
import { type Key, text } from "../locales";
import type { App } from "./app";
import { el, tick } from "./dom";
import type { Inside } from "./inside";
import { pictogram } from "./pictograms";

/** Addresses that open her message app with the two texts of a press. */
export function smsLinksOf(app: App, press: Bytes): readonly string[] {
  const answer = isAnswered(app) ? ownAnswer(app).number : 0;
  return smsTexts(press, answer).map((words) => `sms:${app.roads.sms}?body=${encodeURIComponent(words)}`);
}

export function smsRoad(app: Inside): HTMLElement[] {
  const [first, second] = app.alarm.smsLinks;
  if (!first || !second) return [];
  const link = (id: string, href: string, key: Key) => el("a", { class: "button", id, href }, text(key), pictogram("message"));
  return [
    el("p", { class: "muted" }, text("alarm.sms.why")),
    link("sms-1", first, "alarm.sms.first"),
    link("sms-2", second, "alarm.sms.second"),
  ];
}

/** The words that will tell her; behind her code alone, never in front of it, where the two texts are offered too. */
export function smsAnswerWords(app: Inside): HTMLElement | false {
  const isShown = isAnswered(app) && app.alarm.smsLinks.length > 0;
  return isShown && el("p", { id: "sms-answer" }, text("alarm.sms.answer", { words: ownAnswer(app).words }));
}

/** A text that comes in can ring where he hears it: so only who chose it gets one (safety rule 18). */
export function smsAnswerChoice(app: Inside): HTMLElement[] {
  if (!app.roads.smsAnswers || app.roads.sms === "" || app.enrolment === null) return [];
  return [
    tick(text("settings.sms"), app.chosen.now.smsAnswer, (smsAnswer) => void app.chosen.change({ smsAnswer })),
    el("p", { class: "muted", id: "sms-answer" }, text("settings.sms.why", { words: ownAnswer(app).words })),
  ];
}

function isAnswered(app: Pick<Inside, "chosen" | "roads">): boolean {
  return app.chosen.now.smsAnswer && app.roads.smsAnswers;
}

function ownAnswer(app: Pick<Inside, "chosen" | "enrolment">): ReturnType<typeof answerFor> {
  return answerFor(app.enrolment!.kid, app.chosen.now.language);
}
