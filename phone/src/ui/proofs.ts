/** Whether an alarm would get through now, and by what that was proven: button, phone, road, each with its age. */
import { isTrouble, proofsOf } from "../core/proofs";
import { currentLanguage, text, wordsOf } from "../locales";
import { el } from "./dom";
import type { Inside } from "./inside";
import { type Pictogram, pictogram } from "./pictograms";

const GRAVE: readonly string[] = ["not-stored", "refused", "offline", "unproved", "unchecked", "no-way"];

/** The one line, and what to do about it. */
export function honestPanel(app: Inside): HTMLElement {
  const { honesty: word, checks, testIsDue } = app.standing;
  const style = word === "through" ? "go" : GRAVE.includes(word) ? "alarm" : "ack";
  const line = text(`honest.${word}`, { seconds: new Intl.NumberFormat(currentLanguage()).format(app.holdMs / 1000) });
  return el(
    "section",
    { class: "panel", id: "honest", "data-honest": word },
    el("p", { class: `line ${style}`, role: "status" }, pictogram(isTrouble(word) ? "warning" : "good"), el("span", {}, line)),
    // Where no button can be linked, nothing is to be done about that.
    word !== "through" && (word !== "screen" || app.canLink) && el("p", { id: "to-do" }, wordsOf(`do.${word}`, !app.isSecondWay)),
    checks.length > 0 && el("ul", { class: "checks", id: "checks" }, ...checks.map((check) => el("li", {}, wordsOf(`check.${check}`, !app.isSecondWay)))),
    app.alarm.saysCancelled && el("p", { class: "muted", id: "cancelled" }, text("alarm.cancelled")),
    testIsDue && el("p", { class: "muted", id: "test-due" }, text(app.codes.page.testedAtMs === null ? "test.none" : "test.due")),
    app.isSecondWay && el("p", { class: "muted" }, text("home.web")),
  );
}

/** What was proven, by whatever is needed for an alarm. */
export function proofList(app: Inside): HTMLElement {
  const proven = proofsOf(app.standing.conditions);
  const row = (what: "button" | "phone" | "road", picture: Pictogram, said: readonly string[]) =>
    el(
      "li",
      { id: `proof-${what}`, "data-proven": String(proven[what]) },
      pictogram(picture),
      el("div", {}, el("strong", {}, text(`proof.${what}`)), ...said.map((words) => el("span", {}, words))),
      pictogram(proven[what] ? "good" : "warning"),
    );
  return el(
    "ul",
    { class: "proofs", id: "proofs", "aria-label": text("proof.title") },
    row("button", "button", buttonSays(app)),
    row("phone", "phone", phoneSays(app)),
    row("road", "received", roadSays(app)),
  );
}

function buttonSays(app: Inside): string[] {
  const { nowMs, buttonConnected, buttonHeardAtMs, buttonPct, holdsScreen } = app.standing.conditions;
  if (buttonConnected === null) return [text(holdsScreen ? "proof.button.none" : "proof.button.nothing")];
  return [
    buttonHeardAtMs === null ? text("proof.button.never") : text("proof.button.heard", { ago: ago(nowMs - buttonHeardAtMs) }),
    text(buttonConnected ? "fact.linked" : "fact.unlinked"),
    ...(app.lacks.includes("button") ? [text("radio.not-allowed")] : app.lacks.includes("radio") ? [text("proof.button.off")] : []),
    ...charge(buttonPct),
  ];
}

function phoneSays(app: Inside): string[] {
  const { nowMs, checkedAtMs, isStoring, positionAllowed, phonePct } = app.standing.conditions;
  const position = app.platform.position();
  const keeps = !isStoring ? text("proof.phone.full") : checkedAtMs === null ? text("proof.phone.unchecked") : text("proof.phone.checked", { ago: ago(nowMs - checkedAtMs) });
  return [
    keeps,
    text(positionAllowed ? "proof.phone.position" : "proof.phone.no-position"),
    ...(positionAllowed ? [position ? text("proof.phone.fix", { fix: fixWords(position) }) : text("proof.phone.no-fix")] : []),
    // A browser that is short of room throws away first what it promised nobody to keep.
    ...(app.lacks.includes("battery") ? [text("permission.battery.refused")] : []),
    ...(app.standing.isMended ? [text("proof.phone.mended")] : []),
    ...(app.standing.isLasting === false ? [text("proof.phone.loose")] : []),
    ...charge(phonePct),
  ];
}

function roadSays(app: Inside): string[] {
  const { answeredAtMs } = app.standing;
  const answered = answeredAtMs === null ? text("proof.road.none") : text("proof.road.answered", { ago: ago(app.platform.nowMs() - answeredAtMs) });
  const byText = app.lacks.includes("texts") ? [text("proof.road.no-texts")] : app.roads.sms === "" ? [] : [text("proof.road.sms")];
  return [answered, ...byText];
}

function charge(percent: number | null): string[] {
  return percent === null ? [] : [text("proof.charge", { n: percent })];
}

/** How exact the last fix is, and when it was. */
export function fixWords({ accuracy_m, age_s }: { readonly accuracy_m: number; readonly age_s: number }): string {
  return `± ${accuracy_m} m, ${ago(age_s * 1000)}`;
}

/** An age in words. */
export function ago(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return text("fact.ago.seconds", { n: seconds });
  if (seconds < 3600) return text("fact.ago.minutes", { n: Math.round(seconds / 60) });
  if (seconds < 172_800) return text("fact.ago.hours", { n: Math.round(seconds / 3600) });
  return text("fact.ago.days", { n: Math.round(seconds / 86_400) });
}
