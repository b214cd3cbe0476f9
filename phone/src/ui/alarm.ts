/** The alarm as this phone knows it: what is shown of it, what news from the engine changes of it, what she says in it. */
import { type Bytes, utf8 } from "../core/bytes";
import { Kind } from "../core/envelope";
import { checksOf } from "../core/proofs";
import type { Pending, Receipt } from "../core/receipt";
import type { Listener } from "../engine/listener";
import { isQuestion } from "../locales";
import type { Outgoing, Press } from "../store/store";
import { ACCEPTED } from "../transport/sender";
import { type AlarmState, PATTERNS, type TeamStep, stateOf, teamStepOf } from "./alarm_state";
import type { App } from "./app";
import type { Quiet } from "./entering";
import { smsLinksOf } from "./sms_road";

/** At rest all of it is empty; it outlives no page, but for what the store has of an open press. */
export class Alarm implements Listener {
  question = "";
  state: AlarmState = "";
  teamStep: TeamStep = "";
  trouble: "" | "refused" | "not-stored" | "unreachable" | "kept" = "";
  /** Whether a server has refused this phone since one last signed for it; `trouble` says what came last. */
  isUnknown = false;
  quiet: Quiet = "";
  /** Whether a server has signed for what made it quiet; until then nobody is said to know of it. */
  private isQuietHeard = false;
  private answered = "";
  private unsent: Bytes | null = null;

  constructor(private readonly app: App) {}

  /** An earlier life of this page left this press; `unsent` are its bytes while no server has them. With codes any may have been entered. */
  takeUp(press: Press, unsent: Bytes | null, hasCodes: boolean): void {
    this.quiet = hasCodes ? "unsure" : "";
    this.state = stateOf(press);
    this.unsent = unsent;
  }

  async answer(word: string): Promise<void> {
    this.putQuestionAway();
    this.app.changed();
    await this.app.engine?.say(Kind.TEXT, utf8(word));
  }

  /** It is not shown again, unless it is asked anew. */
  putQuestionAway(): void {
    this.answered = this.question;
    this.question = "";
  }

  /** Whether the phone plays dead: a code under threat was entered for the alarm that is open. */
  get isMuted(): boolean {
    return this.quiet.startsWith("threat");
  }

  /** Whether the alarm is shown: neither after "I am safe" nor after a code under threat, which must look alike. */
  get showsAlarm(): boolean {
    return this.state !== "" && this.quiet === "";
  }

  /**
   * Whether what stands in the press's way may be said: neither after "I am safe" nor after a code under threat. It is of an
   * earlier life's press, whichever code was entered then: else a code would be asked for, and its network, before it is said
   * that there is none.
   */
  get saysTrouble(): boolean {
    return this.state !== "" && (this.quiet === "" || this.quiet === "unsure");
  }

  get saysCancelled(): boolean {
    return this.isQuietHeard && this.quiet.endsWith("cancelled");
  }

  /** The press as a text message, when there is a number for it and no other way out. Visible in her message app. */
  get smsLinks(): readonly string[] {
    if (this.unsent === null || this.app.roads.sms === "" || this.trouble !== "unreachable") return [];
    return smsLinksOf(this.app, this.unsent);
  }

  // -- what the engine tells -----------------------------------------------------------------------------------

  onTest(): void {
    this.app.test.make();
    this.app.changed();
  }

  onButton(): void {
    void this.app.chosen.change({ buttonHeardAtMs: this.app.platform.nowMs() }).catch(() => this.onNotStored());
  }

  onStored(press: Outgoing): void {
    // Muted, a test is asked for while the alarm is open: the press is real, and looks like the test.
    if (this.isMuted && this.app.testStep === "armed") this.onTest();
    // Whatever was armed, the next press is real: her pages must not say otherwise once she is safe.
    else this.app.test.disarm();
    this.state = "stored";
    this.unsent = press.data;
    this.trouble = "";
    // What a code tells names this press, and writes nothing then. Without room for it, it does without the name.
    void this.app.store.reserve(press.counter).catch(() => undefined);
    if (this.quiet === "cancelled") this.endQuiet();
    void this.app.listen();
    this.app.changed();
  }

  onReceipt(sent: Outgoing, receipt: Receipt): void {
    this.app.standing.prove();
    this.trouble = "";
    this.isUnknown = false;
    // First whether anything may be felt and shown at all: the reply to a press may say that it was made under threat.
    if (receipt.alarm !== "") this.takeAlarm(sent, receipt);
    if (sent.kind === Kind.TEST) void this.app.tested();
    if (sent.kind === Kind.PRESS) this.pressReceived();
    if (sent.kind === Kind.CANCEL || (sent.kind === Kind.PRESS && this.isMuted)) this.isQuietHeard = this.quiet !== "";
    if (receipt.alarm === "" && sent.kind === Kind.HEARTBEAT) this.app.standing.told = checksOf(receipt.pending);
    this.app.changed();
  }

  private pressReceived(): void {
    this.unsent = null;
    if (this.isMuted && this.app.testStep === "made") void this.app.tested();
    if (this.state !== "stored") return;
    this.state = "received";
    this.vibrate(PATTERNS.received);
  }

  onState(state: string): void {
    if (state === "acknowledged" && this.state !== "acknowledged") {
      this.state = state;
      this.vibrate(PATTERNS.acknowledged);
    }
    if (state === "closed") void this.closed();
    this.app.changed();
  }

  /** Nothing of the alarm is left on the screen: no question, no state. */
  private async closed(): Promise<void> {
    if ((await this.app.store.openPress()) !== null) return;
    this.state = "";
    this.question = this.answered = this.teamStep = "";
    // What was said before the alarm is old, and after a code under threat nothing may show.
    this.app.standing.told = [];
    this.app.listening?.stop();
    this.endQuiet();
    if (this.app.chosen.now.listenOff) await this.app.chosen.change({ listenOff: false });
    this.app.changed();
  }

  onRefused(status: number): void {
    if (status === 401 || status === 404) {
      this.trouble = "refused";
      this.isUnknown = true;
    } else if (status === ACCEPTED) this.trouble = "kept";
    this.app.unprove();
  }

  onUnreachable(): void {
    if (this.trouble === "") this.trouble = "unreachable";
    this.app.unprove();
  }

  onNotStored(): void {
    this.trouble = "not-stored";
    this.app.changed();
  }

  private endQuiet(): void {
    this.quiet = "";
    this.isQuietHeard = false;
  }

  private takeAlarm(sent: Outgoing, receipt: Receipt): void {
    this.takePending(receipt.pending);
    const isUnknown = sent.kind === Kind.HEARTBEAT && receipt.state !== "closed" && this.state === "";
    if (isUnknown) void this.followUnknown(receipt.alarm);
  }

  /** An alarm that is not in the store: a code under threat opened it before the page was loaded anew. */
  private async followUnknown(unknown: string): Promise<void> {
    if ((await this.app.store.presses()).some(({ alarm }) => alarm === unknown)) return;
    this.app.engine?.untraced.follow(null);
  }

  private takePending(pending: readonly Pending[]): void {
    if (pending.some(({ what }) => what === "quiet") && !this.isMuted) this.quiet = this.quiet === "cancelled" ? "threat-cancelled" : "threat";
    const asked = pending.find(({ what }) => what === "text")?.text ?? "";
    this.teamStep = teamStepOf(pending);
    if (asked === "") this.answered = "";
    const isNew = isQuestion(asked) && asked !== this.answered && !this.isMuted && this.quiet !== "unsure";
    this.question = isNew ? asked : "";
    if (pending.some(({ what }) => what === "listen-off")) {
      this.app.listening?.stop();
      // Of an alarm that only memory knows, nothing is kept.
      if (!this.app.chosen.now.listenOff && this.state !== "") void this.app.chosen.change({ listenOff: true });
    }
  }

  /** Only if she chose it, never once she said that she is safe or was forced to. A hidden page cannot vibrate. */
  private vibrate(pattern: readonly number[]): void {
    if (this.app.chosen.now.vibrates && this.quiet === "" && "vibrate" in navigator) navigator.vibrate([...pattern]);
  }
}
