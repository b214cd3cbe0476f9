/** The app: which screen is shown, and what ties store, engine and screens together. */
import { utf8 } from "../core/bytes";
import type { EnrolmentReply } from "../core/enrolment";
import { Kind, Trigger } from "../core/envelope";
import { judgePin } from "../core/pin";
import type { Pending, Receipt } from "../core/receipt";
import { type Conditions, type Honesty, honesty } from "../core/rules";
import { Engine, type Listener } from "../engine/engine";
import { Listening } from "../engine/listening";
import { Platform } from "../engine/surroundings";
import { browserLanguage, setLanguage } from "../locales";
import { WebBluetoothRadio } from "../radio/web_bluetooth";
import { type Outgoing, PhoneStore } from "../store/store";
import { Sender } from "../transport/sender";
import { type Choices, Chosen, freshChoices } from "./choices";

const RECEIVED_PATTERN = [200];
const ACKNOWLEDGED_PATTERN = [200, 150, 200];
export const TEST_LASTS_MS = 120_000;
const TEST_DUE_MS = 30 * 86_400_000;
// At rest a round trip this often proves that an alarm would get through.
const PROVE_EVERY_MS = 60_000;

/** What the screens show; `changed` is called whenever any of it changes. */
export class App implements Listener {
  readonly platform = new Platform();
  readonly radio = new WebBluetoothRadio();
  engine: Engine | null = null;
  enrolment: EnrolmentReply | null = null;
  question = "";
  alarmState = "";
  trouble: "" | "refused" | "not-stored" | "unreachable" = "";
  testArmedUntilMs = 0;
  testReceived = false;
  changed: () => void = () => undefined;
  private provedAtMs: number | null = null;
  private listening: Listening | null = null;
  private openAlarm = "";

  private constructor(
    readonly store: PhoneStore,
    readonly chosen: Chosen,
    readonly servers: readonly string[],
  ) {}

  /** Opens the store and takes up what was going on; `servers` are the addresses that this installation came from. */
  static async open(servers: readonly string[]): Promise<App> {
    const store = await PhoneStore.open();
    const choices = (await store.recall<Choices>("choices")) ?? freshChoices(browserLanguage());
    setLanguage(choices.language);
    const known = (await store.recall<string[]>("servers")) ?? servers;
    const app = new App(store, new Chosen(store, choices), known);
    app.enrolment = await store.recall<EnrolmentReply>("enrolment");
    if (app.enrolment) await app.run(app.enrolment);
    return app;
  }

  /** Begins to work for an enrolled kit. */
  async run(enrolment: EnrolmentReply): Promise<void> {
    this.enrolment = enrolment;
    await this.platform.start();
    await this.radio.recall();
    this.engine = new Engine(enrolment, this.store, this.radio, new Sender(this.servers), this.platform, this);
    this.listening = new Listening(this.engine);
    this.openAlarm = (await this.store.openPress())?.alarm ?? "";
    await this.engine.start();
    addEventListener("online", () => this.engine?.tryNow());
    document.addEventListener("visibilitychange", () => this.engine?.tryNow());
    setInterval(() => this.prove(), PROVE_EVERY_MS);
  }

  /** A round trip at rest, so that the line about getting through is true. */
  private prove(): void {
    if (document.visibilityState === "visible") this.engine?.tellNow();
  }

  // -- the person's acts ---------------------------------------------------------------------------------------

  /** Holding the screen: an alarm, or the armed test. */
  async pressOnScreen(): Promise<void> {
    await this.engine?.pressOnScreen();
  }

  armTest(nowMs: number): void {
    this.testArmedUntilMs = nowMs + TEST_LASTS_MS;
    this.testReceived = false;
    this.engine?.armTest(this.testArmedUntilMs);
    this.changed();
  }

  disarmTest(): void {
    this.testArmedUntilMs = 0;
    this.engine?.armTest(0);
    this.changed();
  }

  get testIsDue(): boolean {
    const last = this.chosen.now.testedAtMs;
    return last === null || this.platform.nowMs() - last > TEST_DUE_MS;
  }

  /** Whether the code opens the app. The one for threats opens it too, tells the police, and mutes the phone. */
  async enter(pin: string): Promise<boolean> {
    const { pin: own, duress } = this.chosen.now;
    if (own === null) return true;
    const verdict = await judgePin(pin, own, duress);
    if (verdict === "duress") await this.underThreat();
    return verdict !== "wrong";
  }

  /** "I am safe", by code: information for the operator, nothing more (safety rule 8). */
  async cancel(pin: string): Promise<boolean> {
    const { pin: own, duress } = this.chosen.now;
    if (own === null) return false;
    const verdict = await judgePin(pin, own, duress);
    if (verdict === "wrong") return false;
    if (verdict === "duress") await this.underThreat();
    else await this.engine?.say(Kind.CANCEL, utf8("safe"), Trigger.SCREEN);
    await this.chosen.change({ mutedAlarm: verdict === "duress" ? this.openAlarm : this.chosen.now.mutedAlarm });
    this.changed();
    return true;
  }

  private async underThreat(): Promise<void> {
    if (this.openAlarm) await this.engine?.say(Kind.CANCEL, utf8("safe"), Trigger.DURESS);
    else await this.engine?.pressUnderThreat();
    this.openAlarm = (await this.store.openPress())?.alarm ?? this.openAlarm;
    await this.chosen.change({ mutedAlarm: this.openAlarm });
    this.question = "";
    this.changed();
  }

  async answer(word: string): Promise<void> {
    this.question = "";
    this.changed();
    await this.engine?.say(Kind.TEXT, utf8(word));
  }

  /** Whether the phone plays dead: a code under threat was entered for the alarm that is open. */
  get isMuted(): boolean {
    return this.openAlarm !== "" && this.chosen.now.mutedAlarm === this.openAlarm;
  }

  get honesty(): Honesty {
    return honesty(this.conditions());
  }

  conditions(): Conditions {
    return {
      nowMs: performance.now(),
      provedAtMs: this.provedAtMs,
      isOnline: navigator.onLine,
      isVisible: document.visibilityState === "visible",
      positionAllowed: this.platform.isAllowed,
      buttonConnected: this.radio.isPaired ? this.radio.isConnected : null,
      phonePct: this.platform.battery().phone_pct,
      buttonPct: this.engine?.buttonPct ?? null,
    };
  }

  // -- what the engine tells -----------------------------------------------------------------------------------

  onStored(counter: number): void {
    this.openAlarm ||= `${this.enrolment?.kid ?? ""}-${counter}`;
    this.alarmState = "stored";
    this.trouble = "";
    if (this.chosen.now.listens) void this.listening?.start();
    this.changed();
  }

  onReceipt(sent: Outgoing, receipt: Receipt): void {
    this.provedAtMs = performance.now();
    this.trouble = "";
    if (sent.kind === Kind.TEST) void this.tested();
    if (sent.kind === Kind.PRESS) {
      this.openAlarm = receipt.alarm;
      if (this.alarmState === "stored") {
        this.alarmState = "received";
        this.vibrate(RECEIVED_PATTERN);
      }
    }
    this.takePending(receipt.pending);
    this.changed();
  }

  onState(state: string): void {
    if (state === "acknowledged") {
      this.alarmState = state;
      this.vibrate(ACKNOWLEDGED_PATTERN);
    }
    if (state === "closed") {
      this.alarmState = "";
      this.openAlarm = "";
      this.question = "";
      this.listening?.stop();
    }
    this.changed();
  }

  onRefused(status: number): void {
    this.trouble = status === 401 || status === 404 ? "refused" : this.trouble;
    this.changed();
  }

  onUnreachable(): void {
    this.trouble = "unreachable";
    this.changed();
  }

  onNotStored(): void {
    this.trouble = "not-stored";
    this.changed();
  }

  private takePending(pending: readonly Pending[]): void {
    for (const { what, text = "" } of pending) {
      if (what === "text") this.question = this.isMuted ? "" : text;
      if (what === "listen-off") this.listening?.stop();
    }
  }

  private async tested(): Promise<void> {
    this.testReceived = true;
    this.testArmedUntilMs = 0;
    await this.chosen.change({ testedAtMs: this.platform.nowMs() });
    this.changed();
  }

  /** Only if she chose it, and never again once a code was entered under threat. A hidden page cannot vibrate. */
  private vibrate(pattern: number[]): void {
    if (this.chosen.now.vibrates && !this.isMuted && "vibrate" in navigator) navigator.vibrate(pattern);
  }
}
