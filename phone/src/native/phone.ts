/** What stands behind the pages in the app for Android: the native engine, as far as its state is known here. */
import { invitationIn } from "../core/invitation";
import { type Conditions, BUTTON_LASTS_MS, Warning, checksOf, checksToShow, honesty } from "../core/proofs";
import { browserLanguage, isQuestion, isText, setLanguage } from "../locales";
import { RadioError, type RadioTrouble } from "../radio/port";
import { Refused, Unreachable } from "../transport/failures";
import type { AlarmState, TeamStep } from "../ui/alarm_state";
import { type Choices, choicesOf, freshChoices } from "../ui/choices";
import { keep, kept } from "../ui/decoys/drawer";
import type { Answer } from "../ui/entering";
import type { ChooseCodes, Further, Inside } from "../ui/inside";
import type { TestStep } from "../ui/test_state";
import { type EngineState, Port } from "./port";

// The engine proves the road seldom, for the battery's sake; as long as she looks, it is proven as on the web.
const PROVE_EVERY_MS = 60_000;
const TOO_MANY = 429;
// So long a test counts as armed before the engine has said so: what it said before may still be on its way.
const ARMING_MS = 2000;
const TEST_LASTS_MS = 120_000;

const UNKNOWN: EngineState = {
  isEnrolled: false, hasCodes: false, holdMs: 2000, isLost: false, alarm: "", showsAlarm: false, saysTrouble: false, isMuted: false, saysCancelled: false, team: "",
  question: "", trouble: "", checks: "", test: "none", testUntilMs: 0, testedAtMs: null, answeredAtMs: null, provedAtMs: null, checkedAtMs: null,
  mayLocate: false, accuracyM: null, fixAtMs: null, hasTexts: false, hasMicrophone: false, mayListen: false, listens: false, vibrates: false, hearsBroadcasts: false, isRadioOff: false, isMended: false,
  isPaired: false, isConnected: false, buttonHeardAtMs: null, buttonPct: null, phonePct: null, hasUpdate: false, smsLinks: "",
};

/** How the engine says that a button which only broadcasts was not taken. */
const HEARD: Readonly<Record<string, RadioTrouble>> = {
  NOTHING: "not-chosen", NOT_ENCRYPTED: "unencrypted", NOT_OURS: "not-ours", NOT_SUPPORTED: "unknown-kind", FINDABLE: "findable",
};

/** Of her choices, those that pages alone have a use for lie with them; the engine has the others. */
type Looks = Pick<Choices, "decoy" | "language" | "holdsScreen" | "holdMs" | "readsAloud">;

export class NativePhone implements Inside {
  private state = UNKNOWN;
  private hasFailed = false;
  private armedAtMs = -Infinity;
  private readonly warning = new Warning();
  private looks: Looks;
  private readonly port = new Port(
    (state) => this.take(state),
    () => this.changed(),
  );
  readonly isSecondWay = false;
  readonly canLink = true;
  readonly reach = null;
  readonly roads = { sms: "", smsAnswers: false, silentMinutes: 0 };
  changed: () => void = () => undefined;

  constructor() {
    const { decoy, language, holdsScreen, holdMs, readsAloud } = choicesOf(kept<Partial<Choices> | null>("looks", null), freshChoices(browserLanguage(), "notes"));
    this.looks = { decoy, language, holdsScreen, holdMs, readsAloud };
    setLanguage(language);
    this.port.tell({ what: "state" });
    this.port.askAll();
    document.addEventListener("visibilitychange", () => this.prove());
    setInterval(() => this.prove(), PROVE_EVERY_MS);
  }

  private take(state: Partial<EngineState>): void {
    this.state = { ...UNKNOWN, ...state };
    if (this.state.test !== "none") this.armedAtMs = -Infinity;
    this.changed();
  }

  private prove(): void {
    if (document.visibilityState === "visible" && this.state.isEnrolled) this.port.tell({ what: "prove" });
  }

  // -- how things are ------------------------------------------------------------------------------------------

  readonly chosen = ((phone: NativePhone) => ({
    get now(): Choices {
      const { state, looks } = phone;
      const { vibrates, listens, buttonHeardAtMs } = state;
      return { ...freshChoices(looks.language, looks.decoy), ...looks, vibrates, listens, buttonHeardAtMs, hasButton: phone.hasButton };
    },
    change: (change: Partial<Choices>) => phone.choose(change),
  }))(this);

  get enrolment(): { readonly kid: string } | null {
    return this.state.isEnrolled ? { kid: "" } : null;
  }

  /** Until the engine, which may be starting, has said it. */
  get isUnknown(): boolean {
    return this.state === UNKNOWN;
  }

  get isSetUp(): boolean {
    return this.state.isEnrolled && this.state.hasCodes;
  }

  get holdMs(): number {
    return this.looks.holdMs ?? this.state.holdMs;
  }

  get further(): readonly Further[] {
    const texts: Further = { word: "texts", picture: "message", ask: () => this.port.allow("texts") };
    return [
      ...(this.state.hasTexts ? [texts] : []),
      { word: "battery", picture: "phone", ask: () => this.port.allow("battery") },
      // Last: Android leads to its own settings for it, and whoever comes back finds the small app.
      { word: "unseen", picture: "place", ask: () => this.port.allow("position-unseen") },
    ];
  }

  /** A refused position and microphone are said by the engine. */
  get lacks(): Inside["lacks"] {
    const wanted = [...(this.hasButton ? (["button"] as const) : []), "battery" as const, ...(this.state.hasTexts ? (["texts"] as const) : [])];
    const radio = this.hasButton && this.state.isRadioOff ? (["radio"] as const) : [];
    return [...wanted.filter((each) => this.port.isRefused(each)), ...radio];
  }

  get buttons(): Inside["buttons"] {
    return this.state.hearsBroadcasts ? ["own", "shelly"] : ["own"];
  }

  get hasMicrophone(): boolean {
    return this.state.hasMicrophone;
  }

  /** One that was unpaired is missing, and that is said. */
  private get hasButton(): boolean {
    return this.state.isPaired || this.state.buttonHeardAtMs !== null;
  }

  get radio(): Inside["radio"] {
    return { isConnected: this.state.isConnected };
  }

  get alarm(): Inside["alarm"] {
    const { alarm, showsAlarm, saysTrouble, isMuted, saysCancelled, team, trouble, question, smsLinks } = this.state;
    return {
      state: alarm as AlarmState,
      showsAlarm,
      saysTrouble,
      isMuted,
      saysCancelled,
      teamStep: team as TeamStep,
      trouble: trouble as Inside["alarm"]["trouble"],
      question: isQuestion(question) ? question : "",
      smsLinks: trouble === "unreachable" ? smsLinks.split(" ").filter(Boolean) : [],
      answer: async (word) => this.port.tell({ what: "answer", word }),
    };
  }

  get platform(): Inside["platform"] {
    const { mayLocate, mayListen, listens, accuracyM, fixAtMs } = this.state;
    return {
      nowMs: () => Date.now(),
      isAllowed: mayLocate,
      isMicrophoneRefused: listens && !mayListen,
      position: () => (accuracyM === null || fixAtMs === null ? null : { accuracy_m: accuracyM, age_s: Math.max(0, Math.round((Date.now() - fixAtMs) / 1000)) }),
      askForPosition: () => this.port.allow("position"),
    };
  }

  private get conditions(): Conditions {
    const { state } = this;
    return {
      nowMs: Date.now(),
      provedAtMs: state.provedAtMs,
      checkedAtMs: state.checkedAtMs,
      isOnline: navigator.onLine,
      isRefused: state.trouble === "refused",
      isStoring: state.trouble !== "not-stored",
      positionAllowed: state.mayLocate,
      buttonConnected: this.hasButton ? state.isConnected : null,
      buttonHeardAtMs: state.buttonHeardAtMs,
      holdsScreen: this.looks.holdsScreen,
      phonePct: state.phonePct,
      buttonPct: state.buttonPct,
    };
  }

  get standing(): Inside["standing"] {
    const { conditions, state } = this;
    const testIsDue = state.testedAtMs === null || conditions.nowMs - state.testedAtMs > BUTTON_LASTS_MS;
    const word = honesty(conditions);
    const { isEnrolled, isLost, isMuted } = state;
    const isOpen = state.alarm !== "";
    const told = checksOf([{ what: "check", text: state.checks }]);
    return {
      conditions,
      honesty: word,
      warns: isEnrolled ? this.warning.isDue({ word, nowMs: conditions.nowMs, isOpen, isMuted, isTold: told.length > 0 }) : isLost,
      answeredAtMs: state.answeredAtMs,
      isLasting: null,
      isMended: state.isMended,
      testIsDue,
      checks: isMuted || isOpen ? [] : checksToShow(told, word, testIsDue),
    };
  }

  get codes(): Inside["codes"] {
    const page = { kit: "", button: "", testedAtMs: this.state.testedAtMs };
    return { page, mustBeChosen: false, close: () => this.port.tell({ what: "leave" }) };
  }

  get test(): Inside["test"] {
    return { armedUntilMs: this.isArming ? this.armedAtMs + TEST_LASTS_MS : this.state.testUntilMs };
  }

  private get isArming(): boolean {
    return Date.now() - this.armedAtMs < ARMING_MS;
  }

  get testStep(): TestStep {
    const { test, testUntilMs } = this.state;
    if (test === "none" && this.isArming) return "armed";
    return test === "armed" && Date.now() >= testUntilMs ? "none" : (test as TestStep);
  }

  // -- what she does -------------------------------------------------------------------------------------------

  async enrol(words: string): Promise<ChooseCodes> {
    const word = await this.port.ask({ what: "enrol", ...invitationIn(words) });
    if (word !== "ENROLLED") throw failureOf(word);
    return this.renew;
  }

  readonly renew: ChooseCodes = async (own, threat) => {
    const word = await this.port.ask({ what: "codes", own, threat });
    if (word !== "CHOSEN") throw failureOf(word);
  };

  enter(code: string): Promise<Answer> {
    return this.opened({ what: "unlock", code });
  }

  cancel(code: string): Promise<Answer> {
    return this.opened({ what: "cancel", code });
  }

  private async opened(question: { readonly what: "unlock" | "cancel"; readonly code: string }): Promise<Answer> {
    const answers: Readonly<Record<string, Answer>> = { OPEN: "own", THREAT: "threat", WRONG: "wrong", OFTEN: "often" };
    return answers[await this.port.ask(question)] ?? "offline";
  }

  async pair(address: string | null): Promise<void> {
    if (!(await this.port.allow("button"))) throw new RadioError("not-allowed");
    const word = await this.port.ask(address === null ? { what: "pair" } : { what: "broadcasting", address: address.replaceAll(/..(?=.)/g, "$&:") });
    if (word !== "PAIRED") throw new RadioError(HEARD[word] ?? (isText(`radio.${word}`) ? (word as RadioTrouble) : "failed"));
  }

  async allowListening(): Promise<boolean> {
    const isAllowed = await this.port.allow("microphone");
    if (isAllowed) this.port.tell({ what: "listens", is: true });
    return isAllowed;
  }

  async endListening(): Promise<void> {
    this.port.tell({ what: "listens", is: false });
  }

  private async choose(change: Partial<Choices>): Promise<void> {
    const { vibrates } = change;
    if (vibrates !== undefined) this.port.tell({ what: "vibrates", is: vibrates });
    const { decoy, language, holdsScreen, holdMs, readsAloud } = { ...this.looks, ...change };
    this.looks = { decoy, language, holdsScreen, holdMs, readsAloud };
    keep("looks", this.looks);
    if (change.decoy) this.port.dress(change.decoy);
    this.changed();
  }

  get update(): Inside["update"] {
    return this.state.hasUpdate ? { hasFailed: this.hasFailed, install: () => this.install() } : null;
  }

  /** Where it goes well nobody is told: this page ends with its app. */
  private async install(): Promise<void> {
    this.hasFailed = false;
    this.changed();
    await this.port.ask({ what: "install" });
    this.hasFailed = true;
    this.changed();
  }

  armTest(): void {
    this.armedAtMs = Date.now();
    this.port.tell({ what: "test" });
  }

  disarmTest(): void {
    this.armedAtMs = -Infinity;
    this.port.tell({ what: "untest" });
  }

  async testNow(): Promise<void> {
    this.armTest();
    if (!this.hasButton) await this.pressOnScreen();
  }

  /** The engine keeps it, and decides whether it is an alarm or the armed test. */
  async pressOnScreen(): Promise<void> {
    this.port.tell({ what: "press" });
  }

  onShown(isDecoy: boolean): void {
    this.port.secure(!isDecoy);
  }
}

function failureOf(word: string): Error {
  if (word === "NOT_STORED") return new DOMException(word, "QuotaExceededError");
  if (word === "OFFLINE") return new Unreachable(word);
  if (word === "UNTRUSTED") return new RangeError(word);
  return new Refused(word === "OFTEN" ? TOO_MANY : 0, word);
}
