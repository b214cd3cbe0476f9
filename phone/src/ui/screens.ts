/** The screens behind the decoy. Each is built anew when something changes; nothing is kept in the page's history. */
import { type Key, text } from "../locales";
import { readAloud } from "./aloud";
import { el, heading, refresh, show } from "./dom";
import type { Shut } from "./entering";
import type { Inside } from "./inside";
import { pictogram } from "./pictograms";
import { ago, fixWords, honestPanel, proofList } from "./proofs";
import { smsAnswerWords, smsRoad } from "./sms_road";

const ANSWERS = ["yes", "no", "here", "safe", "weapon"] as const;

/** Where the screens lead. */
export interface Ways {
  decoy(): void;
  home(): void;
  settings(): void;
  test(): void;
  pair(): void;
  /** `then`: the way that this code opens, or why it opens none. */
  askPin(then: (code: string) => Promise<Shut | (() => void)>, back: () => void): void;
}

/** The protected person's own page: would an alarm get through, and what can be done. */
export function showHome(app: Inside, ways: Ways): void {
  show(homePage(app, ways), text(`decoy.${app.chosen.now.decoy}`));
}

/** The same with what is known now. */
export function refreshHome(app: Inside, ways: Ways): void {
  refresh(homePage(app, ways));
}

function homePage(app: Inside, ways: Ways): HTMLElement {
  return el(
    "main",
    { class: "phone" },
    el("header", {}, heading(text("home.title")), el("button", { class: "quit", id: "quit", onclick: () => ways.decoy() }, text("home.quit"), pictogram("leave"))),
    app.alarm.showsAlarm ? alarmPanel(app, ways) : honestPanel(app),
    app.alarm.question && !app.alarm.isMuted ? questionPanel(app) : null,
    proofList(app),
    facts(app),
    app.alarm.showsAlarm ? null : el("p", { class: "muted" }, text("decoy.stale.why", { words: text("decoy.stale") })),
    app.alarm.showsAlarm ? null : testPanel(app, ways),
    app.update && updatePanel(app.update),
    // Also for those who went on without one, or had to open the page again meanwhile.
    (app.chosen.now.hasButton || app.canLink) && !app.radio.isConnected && el("button", { id: "pair", onclick: () => ways.pair() }, text("button.pair"), pictogram("button")),
    el("button", { id: "settings", onclick: () => ways.settings() }, text("settings.title"), pictogram("settings")),
    readAloud(app),
  );
}

function alarmPanel(app: Inside, ways: Ways): HTMLElement {
  const state = app.alarm.teamStep || (app.alarm.state as "stored" | "received" | "acknowledged");
  const cancel = () => ways.askPin(async (code) => {
    const answer = await app.cancel(code);
    return answer === "own" || answer === "threat" ? ways.home : answer;
  }, () => ways.home());
  return el(
    "section",
    { class: "panel alarm", id: "alarm-panel", role: "status", "data-state": state },
    el("p", { class: "line" }, pictogram(state), el("span", {}, text(`alarm.${state}`))),
    ...waitingPress(app),
    smsAnswerWords(app),
    el("button", { id: "cancel", onclick: cancel }, text("alarm.cancel"), pictogram("safe")),
    el("p", { class: "muted" }, text("alarm.cancel.why")),
  );
}

/** What stands in the way of the press, and the other road: also in front of the code, which needs the network that a press lacks. */
export function waitingPress(app: Inside): HTMLElement[] {
  const { trouble, saysTrouble } = app.alarm;
  if (trouble === "" || !saysTrouble) return [];
  // A page is not told why nobody answers (a road that is cut, a certificate that ended), but whether there is a network at all.
  const word = trouble === "unreachable" && !app.standing.conditions.isOnline ? "offline" : trouble;
  return [el("p", { class: "line alarm", id: "trouble" }, text(`alarm.${word}`)), ...smsRoad(app)];
}

/** One question of the operator, readable in one glance; the answers are the same every time. */
function questionPanel(app: Inside): HTMLElement {
  const key = `text.question.${app.alarm.question}` as Key;
  return el(
    "section",
    { class: "panel", id: "question" },
    el("h2", {}, text(key)),
    ...ANSWERS.map((word) =>
      el("button", { id: `answer-${word}`, onclick: () => void app.alarm.answer(word) }, text(`text.answer.${word}`), pictogram(word)),
    ),
  );
}

function facts(app: Inside): HTMLElement {
  const { isOnline } = app.standing.conditions;
  const position = app.platform.position();
  const tested = app.codes.page.testedAtMs;
  const rows: [Key, string][] = [
    ["fact.network", text(isOnline ? "fact.network.on" : "fact.network.off")],
    ["fact.position", position ? fixWords(position) : text(app.platform.isAllowed ? "fact.position.none" : "fact.refused")],
    ["fact.listen", text(listenWord(app))],
    ["fact.test", tested === null ? text("fact.test.never") : ago(app.platform.nowMs() - tested)],
  ];
  return el("dl", {}, ...rows.flatMap(([key, value]) => [el("dt", {}, text(key)), el("dd", {}, value)]));
}

function listenWord(app: Inside): Key {
  if (app.platform.isMicrophoneRefused) return "fact.listen.refused";
  return app.chosen.now.listens ? "fact.listen.on" : "fact.listen.off";
}

/** Offered and no more: nobody is hurried, and whoever looks on reads what every app says (safety rule 18). */
function updatePanel({ hasFailed, install }: NonNullable<Inside["update"]>): HTMLElement {
  return el(
    "section",
    { class: "panel", id: "update" },
    el("p", {}, text("update.ready")),
    el("p", { class: "muted" }, text("update.why")),
    hasFailed && el("p", { class: "line", role: "status", id: "update-failed" }, text("update.failed")),
    el("button", { id: "update-install", onclick: () => void install() }, text("update.install")),
  );
}

/** The way to a test, with what became of the last one. */
function testPanel(app: Inside, ways: Ways): HTMLElement {
  const start = el(
    "button",
    { id: "test-start", onclick: () => ways.test() },
    pictogram("test"),
    el("span", {}, text("test.start")),
    el("span", { class: "chip test" }, text("test.without")),
  );
  return app.testStep === "received"
    ? el("div", {}, el("p", { class: "line test", role: "status", id: "test-sent" }, text("test.received")), start)
    : start;
}
