/** The screens behind the decoy. Each is built anew when something changes; nothing is kept in the page's history. */
import { type Key, LANGUAGES, type Language, setLanguage, text } from "../locales";
import type { App } from "./app";
import { DECOYS, type Decoy } from "./choices";
import { dress } from "./decoy";
import { el, heading, refresh, show, tick } from "./dom";

const HONEST_CLASS = { through: "go", offline: "alarm", unproved: "alarm", refused: "alarm", "not-stored": "alarm" } as const;
const HOLDS_S = [1, 2, 3, 4, 5] as const;
const ANSWERS = ["yes", "no", "here", "safe", "weapon"] as const;

/** Where the screens lead. */
export interface Ways {
  decoy(): void;
  home(): void;
  settings(): void;
  pair(): void;
  askPin(then: (pin: string) => Promise<boolean>, back: () => void): void;
}

/** The protected person's own page: would an alarm get through, and what can be done. */
export function showHome(app: App, ways: Ways): void {
  show(homePage(app, ways), text(`decoy.${app.chosen.now.decoy}`));
}

/** The same with what is known now. */
export function refreshHome(app: App, ways: Ways): void {
  refresh(homePage(app, ways));
}

function homePage(app: App, ways: Ways): HTMLElement {
  return el(
    "main",
    { class: "phone" },
    el("header", {}, heading(text("home.title")), el("button", { class: "quit", id: "quit", onclick: () => ways.decoy() }, text("home.quit"))),
    app.showsAlarm ? alarmPanel(app, ways) : honestPanel(app),
    app.question && !app.isMuted ? questionPanel(app) : null,
    facts(app),
    app.showsAlarm ? null : testPanel(app),
    app.chosen.now.hasButton && !app.radio.isConnected && el("button", { id: "pair", onclick: () => ways.pair() }, text("button.pair")),
    el("button", { id: "settings", onclick: () => ways.settings() }, text("settings.title")),
  );
}

function honestPanel(app: App): HTMLElement {
  const word = app.honesty;
  const { nowMs, provedAtMs } = app.conditions();
  const seconds = provedAtMs === null ? null : Math.round((nowMs - provedAtMs) / 1000);
  const style = word in HONEST_CLASS ? HONEST_CLASS[word as keyof typeof HONEST_CLASS] : "ack";
  return el(
    "section",
    { class: "panel", id: "honest", "data-honest": word },
    el("p", { class: `line ${style}`, role: "status" }, el("span", { "aria-hidden": "true" }, word === "through" ? "● " : "▲ "), text(`honest.${word}`)),
    el("p", { class: "muted" }, [seconds === null ? "" : `${text("honest.proved", { seconds })}.`, text("home.web")].join(" ")),
    app.saysCancelled && el("p", { class: "muted", id: "cancelled" }, text("alarm.cancelled")),
    app.testIsDue && el("p", { class: "muted" }, text("test.due")),
  );
}

function alarmPanel(app: App, ways: Ways): HTMLElement {
  const state = app.alarmState as "stored" | "received" | "acknowledged";
  const cancel = () => ways.askPin((pin) => app.cancel(pin), () => ways.home());
  return el(
    "section",
    { class: "panel alarm", id: "alarm-panel", role: "status", "data-state": state },
    el("p", { class: "line" }, text(`alarm.${state}`)),
    app.trouble !== "" && el("p", { class: "line alarm", id: "trouble" }, text(`alarm.${app.trouble}`)),
    ...smsRoad(app),
    el("button", { id: "cancel", onclick: cancel }, text("alarm.cancel")),
    el("p", { class: "muted" }, text("alarm.cancel.why")),
  );
}

/** Without data: the same bytes in her own message app, which keeps them where everybody can see them. */
function smsRoad(app: App): HTMLElement[] {
  if (app.smsLink === "") return [];
  const link = el("a", { class: "button", id: "sms", href: app.smsLink }, text("alarm.sms"));
  return [link, el("p", { class: "muted" }, text("alarm.sms.why"))];
}

/** One question of the operator, readable in one glance; the answers are the same every time. */
function questionPanel(app: App): HTMLElement {
  const key = `text.question.${app.question}` as Key;
  return el(
    "section",
    { class: "panel", id: "question" },
    el("h2", {}, text(key)),
    ...ANSWERS.map((word) =>
      el("button", { id: `answer-${word}`, onclick: () => void app.answer(word) }, text(`text.answer.${word}`)),
    ),
  );
}

function facts(app: App): HTMLElement {
  const { buttonConnected, buttonPct, phonePct, isOnline, nowMs, provedAtMs } = app.conditions();
  const position = app.platform.position();
  const percent = (value: number | null) => (value === null ? text("fact.unknown") : `${value} %`);
  const button =
    buttonConnected === null
      ? text("fact.button.none")
      : `${percent(buttonPct)} · ${text(buttonConnected ? "fact.linked" : "fact.unlinked")}`;
  const tested = app.chosen.now.testedAtMs;
  const rows: [Key, string][] = [
    ["fact.button", button],
    ["fact.phone", percent(phonePct)],
    ["fact.network", text(isOnline ? "fact.network.on" : "fact.network.off")],
    ["fact.position", position ? `± ${position.accuracy_m} m` : text("fact.position.none")],
    ["fact.contact", provedAtMs === null ? text("fact.unknown") : ago(nowMs - provedAtMs)],
    ["fact.test", tested === null ? text("fact.test.never") : ago(app.platform.nowMs() - tested)],
  ];
  return el("dl", {}, ...rows.flatMap(([key, value]) => [el("dt", {}, text(key)), el("dd", {}, value)]));
}

function ago(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return text("fact.ago.seconds", { n: seconds });
  if (seconds < 3600) return text("fact.ago.minutes", { n: Math.round(seconds / 60) });
  if (seconds < 172_800) return text("fact.ago.hours", { n: Math.round(seconds / 3600) });
  return text("fact.ago.days", { n: Math.round(seconds / 86_400) });
}

function testPanel(app: App): HTMLElement {
  const isArmed = app.platform.nowMs() < app.testArmedUntilMs;
  if (isArmed) {
    return el(
      "section",
      { class: "panel test", id: "test-armed", role: "status" },
      el("p", {}, text("test.armed")),
      el("button", { id: "test-stop", onclick: () => app.disarmTest() }, text("test.stop")),
    );
  }
  const start = el(
    "button",
    { id: "test-start", onclick: () => app.armTest(app.platform.nowMs()) },
    text("test.start"),
    el("span", { class: "chip test" }, text("test.without")),
  );
  return app.testReceived ? el("div", {}, el("p", { class: "line test", role: "status", id: "test-sent" }, text("test.sent")), start) : start;
}

/** What is hers to choose. */
export function showSettings(app: App, ways: Ways): void {
  const { now } = app.chosen;
  const decoys = DECOYS.map((decoy) => el("option", { value: decoy, selected: decoy === now.decoy }, text(`decoy.${decoy}`)));
  const disguise = () => void app.chosen.change({ decoy: decoy.value as Decoy }).then(() => dress(app.chosen.now.decoy));
  const decoy = el("select", { id: "decoy-choice", onchange: disguise }, ...decoys);
  const languages = Object.entries(LANGUAGES).map(([code, name]) => el("option", { value: code, lang: code, selected: code === now.language }, name));
  const choose = () => {
    const chosen = language.value as Language;
    setLanguage(chosen);
    void app.chosen.change({ language: chosen }).then(() => {
      dress(now.decoy);
      showSettings(app, ways);
    });
  };
  const holds = HOLDS_S.map((s) => el("option", { value: s, selected: s * 1000 === app.holdMs }, text("settings.hold.seconds", { n: s })));
  const hold = el("select", { id: "hold", onchange: () => void app.chosen.change({ holdMs: Number(hold.value) * 1000 }) }, ...holds);
  const language = el("select", { id: "language", onchange: choose }, ...languages);
  const page = el(
    "main",
    { class: "phone" },
    heading(text("settings.title")),
    el("label", {}, text("settings.decoy"), decoy),
    el("label", {}, text("settings.language"), language),
    tick(text("settings.screen"), now.holdsScreen, (holdsScreen) => void app.chosen.change({ holdsScreen })),
    el("label", {}, text("settings.hold"), hold),
    tick(text("settings.vibration"), now.vibrates, (vibrates) => void app.chosen.change({ vibrates })),
    el("p", { class: "muted" }, text("settings.vibration.hidden")),
    tick(text("settings.listen"), now.listens, (listens) => void app.chosen.change({ listens })),
    el("button", { onclick: () => ways.home() }, text("settings.back")),
  );
  show(page, text(`decoy.${now.decoy}`));
}
