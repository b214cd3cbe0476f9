/**
 * The life of a press on the phone: kept, acknowledged to the button, sent until the server has signed.
 *
 * Presses have a lane of their own. Everything else waits while a press is on its way.
 */
import { type Advertised, BthomeError, checkFresh, isAlarm } from "../core/bthome";
import { type Bytes, fromBase64url, toHex, utf8 } from "../core/bytes";
import type { EnrolmentReply } from "../core/enrolment";
import { type Battery, Kind, type Message, type Position, Trigger } from "../core/envelope";
import { FrameError, decodeFrame, encodeAck } from "../core/frame";
import { linkFlags } from "../core/link";
import type { Receipt } from "../core/receipt";
import { type Armed, LONGEST_PRESS_PAUSE_MS, isTest, judge, pauseMs, tellAfterMs } from "../core/rules";
import type { Notice, Radio } from "../radio/port";
import type { Outgoing, PhoneStore } from "../store/store";
import { Limited, Refused, Unreachable } from "../transport/failures";
import type { Sender } from "../transport/sender";
import { KitSettings } from "./kit_settings";
import type { Listener } from "./listener";
import { type Attempt, Others, type Waits } from "./others";
import { Presses } from "./presses";
import { Signal } from "./signal";
import { Untraced } from "./untraced";

const NOT_ARMED: Armed = { fromMs: 0, untilMs: 0 };
// A button tells in whole seconds how old a press is. A hold that begins once the test is armed takes at least as long.
const AGE_STEP_MS = 1000;
// One notice of a kind in this time: a jammer must not drain the battery.
const NOTICE_PAUSE_MS = 3_600_000;

/** Where the phone is, how it is: asked when a message is made. */
export interface Surroundings {
  position(): Position | null;
  /** Whether the person or the platform refuses the position. */
  readonly isPositionRefused: boolean;
  /** Whether listening in was chosen and cannot be. */
  readonly isMicrophoneRefused: boolean;
  /** Looks for the best fix while `isAlarm`; spares the battery otherwise. */
  follow(isAlarm: boolean): void;
  battery(): { readonly phone_pct: number | null };
  /** Milliseconds since 1970 on the phone's own clock. */
  nowMs(): number;
}

/** One enrolled phone. Nothing here shows, sounds or vibrates: that is the listener's affair. */
export class Engine {
  private readonly buttonKey: Bytes;
  private readonly kid: string;
  private readonly hurry = new Signal();
  private readonly told = new Signal();
  private readonly noticedMs = new Map<Notice, number>();
  private readonly stopped = new AbortController();
  private readonly presses = new Presses(this.hurry, this.stopped.signal, (press) => this.attempt(press));
  private armed = NOT_ARMED;
  // What the button says comes several times within a moment, or all that it kept at once: one after the other.
  private turn: Promise<void> = Promise.resolve();
  private acks: Promise<void> = Promise.resolve();
  readonly kit: KitSettings;
  buttonPct: number | null = null;
  private readonly others: Others;
  readonly untraced: Untraced;

  constructor(
    enrolment: EnrolmentReply,
    private readonly store: PhoneStore,
    private readonly radio: Radio,
    private readonly sender: Sender,
    private readonly around: Surroundings,
    private readonly listener: Listener,
  ) {
    this.buttonKey = fromBase64url(enrolment.button_key, 16);
    this.kid = toHex(store.key.kid);
    this.kit = new KitSettings(enrolment.settings, store, radio, this.buttonKey, (word) => this.note(word));
    const attempt: Attempt = (message, waits) => this.attempt(message, true, waits);
    this.others = new Others(store, this.presses.clear, this.hurry, this.stopped.signal, attempt);
    sender.trust(enrolment, (pinned) => void this.kit.pin(pinned));
    const ways = {
      sealed: (kind: Kind, fields: Partial<Message>) => this.store.sealedUntraced(this.message(kind, fields)),
      sent: (message: Outgoing, waits: Waits) => this.attempt(message, false, waits),
      hasPosition: () => this.around.position() !== null,
      onClosed: () => this.listener.onState("closed"),
    };
    this.untraced = new Untraced(ways, () => this.kit.now.position_interval_s * 1000);
  }

  /** Takes up what an earlier life left unsent, and goes on until `stop`. */
  async start(): Promise<void> {
    await this.unfailing(async () => {
      for (const press of await this.store.unsentPresses()) void this.presses.deliver(press);
    });
    // Another window may have taken over meanwhile.
    if (this.stopped.signal.aborted) return;
    this.radio.start({
      onFrame: (data) => this.inTurn(() => this.take(data)),
      onAdvertised: (found) => this.inTurn(() => this.takeAdvertised(found)),
      onLink: () => this.told.set(),
      onTrouble: (notice) => void this.giveNotice(notice),
    });
    void this.unfailing(() => this.others.run());
    void this.unfailing(() => this.keepTelling());
  }

  stop(): void {
    this.stopped.abort();
    this.radio.stop();
    this.others.stop();
    this.untraced.stop();
    for (const signal of [this.hurry, this.told, this.presses.clear]) signal.set();
  }

  /** Tries again now instead of after the pause: the network is back, or somebody pressed. */
  tryNow(): void {
    this.others.tryNow();
    this.hurry.set();
    this.untraced.tryNow();
  }

  /** How long the screen is held, in ms, as the kit is set. */
  get holdMs(): number {
    return this.kit.now.hold_ms;
  }

  /** How things are, now: a round trip that proves that an alarm would get through. */
  tellNow(): void {
    this.told.set();
  }

  // -- presses -------------------------------------------------------------------------------------------------

  /** The next press until `untilMs` is a test, once (safety rule 20); 0 ends it. */
  armTest(untilMs: number): void {
    this.armed = untilMs === 0 ? NOT_ARMED : { fromMs: this.around.nowMs(), untilMs };
  }

  /** A press on the screen, for a person who has no button at hand. */
  async pressOnScreen(): Promise<void> {
    const kind = await this.kindOfPress(this.around.nowMs());
    await this.keepAtLast(this.message(kind, { trigger: Trigger.SCREEN }));
  }

  /** A press that nobody repeats. Resolves after the first attempt: a page that waits for room would show what it waits for. */
  private async keepAtLast(press: Message): Promise<void> {
    const keep = () => this.keep(press, null);
    if (!(await this.stores(keep))) void this.again(keep);
  }

  /**
   * A press is a test only when it was surely made after the test was armed: one that the button kept before, or of
   * unknown age, is real. So is one of which the store cannot say whether an alarm is open. It may have been made up to
   * `earlierMs` before `pressedAtMs`.
   */
  private async kindOfPress(pressedAtMs: number | null, earlierMs = 0): Promise<typeof Kind.PRESS | typeof Kind.TEST> {
    const armed = this.armed;
    this.armed = NOT_ARMED;
    const alarmIsOpen = this.untraced.isFollowing || (await this.store.openPress().then((press) => press !== null, () => true));
    return isTest(pressedAtMs, armed, alarmIsOpen, earlierMs) ? Kind.TEST : Kind.PRESS;
  }

  /** A message of another kind, to be sent in its turn. */
  async say(kind: Kind, body: Bytes, trigger: number | null = null): Promise<void> {
    await this.stores(async () => {
      const press = await this.store.openPress();
      const fields = { press: press?.counter ?? null, body, trigger };
      await (press === null && this.untraced.isFollowing ? this.untraced.tell(kind, fields) : this.addOther(this.message(kind, fields)));
    });
  }

  /** Whatever the button said first is kept first. One that fails takes nothing from those behind it. */
  private inTurn(take: () => Promise<void>): void {
    this.turn = this.turn.then(() => this.stores(take)).then(() => undefined, (error: unknown) => reportError(error));
  }

  private async take(data: Bytes): Promise<void> {
    let frame: Awaited<ReturnType<typeof decodeFrame>>;
    try {
      frame = await decodeFrame(data, this.buttonKey);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      await this.giveNotice("button-frame-refused");
      return;
    }
    const verdict = judge(frame.counter, await this.store.buttonHighest(), await this.store.hasButtonPress(frame.counter));
    if (verdict === "replay") {
      await this.giveNotice("button-frame-refused");
      return;
    }
    this.buttonPct = frame.battery_pct;
    if (verdict === "accept") {
      const nowMs = this.around.nowMs();
      const pressedAtMs = frame.age_s === null ? null : nowMs - frame.age_s * 1000;
      const kind = await this.kindOfPress(pressedAtMs, AGE_STEP_MS);
      const message = this.message(kind, { trigger: Trigger.BUTTON, sent_at_s: Math.floor((pressedAtMs ?? nowMs) / 1000) });
      await this.keep(message, frame.counter);
      this.listener.onButton();
    }
    // Not waited for: a link that breaks must not keep the next press from the disk.
    this.acks = this.acks.then(async () => this.radio.acknowledge(await encodeAck(frame.counter, this.buttonKey)));
  }

  /** A button that only broadcasts: whatever it said raises the highest counter, so that nothing counts twice. */
  private async takeAdvertised(found: Advertised): Promise<void> {
    const highest = await this.store.buttonHighest();
    if (found.counter === highest) return;
    try {
      checkFresh(found, highest);
    } catch (error) {
      if (!(error instanceof BthomeError)) throw error;
      await this.giveNotice("button-frame-refused");
      return;
    }
    this.buttonPct = found.battery_pct ?? this.buttonPct;
    if (!isAlarm(found)) {
      await this.store.noteButton(found.counter);
      return;
    }
    const kind = await this.kindOfPress(this.around.nowMs());
    const message = this.message(kind, { trigger: Trigger.BUTTON });
    // It says a press for a moment and never again, so a full disk is tried until there is room.
    await this.unfailing(() => this.keep(message, found.counter));
    this.listener.onButton();
  }

  /** Durable first; only then does anybody hear of it. Rejects with a DOMException when the store refuses: the button says it again. */
  private async keep(message: Message, buttonCounter: number | null): Promise<void> {
    if (message.kind === Kind.TEST) {
      await this.store.addTest(message, buttonCounter);
      this.listener.onTest();
      this.others.go();
      return;
    }
    const press = await this.store.addPress(message, buttonCounter, this.kid, this.around.nowMs());
    // Kept meanwhile, by a repetition or in another window: durable all the same.
    if (press === null) return;
    this.listener.onStored(press);
    void this.presses.deliver(press);
    // A new press is a reason to try everything again at once, and a trail begins even without a receipt.
    this.tryNow();
    setTimeout(() => this.told.set(), this.kit.now.position_interval_s * 1000);
  }

  // -- a store that refuses ------------------------------------------------------------------------------------

  /** Whether the store did `work`; that it did not is said. */
  private async stores(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      this.listener.onNotStored();
      return false;
    }
  }

  /** Begins `work` anew until the store does it: a disk that was full for a moment must not silence the phone for good. */
  private async unfailing(work: () => Promise<unknown>): Promise<void> {
    if (!(await this.stores(work))) await this.again(work);
  }

  private async again(work: () => Promise<unknown>): Promise<void> {
    for (let failures = 1; ; failures++) {
      await this.pause(failures, LONGEST_PRESS_PAUSE_MS);
      if (this.stopped.signal.aborted || (await this.stores(work))) return;
    }
  }

  // -- everything else -----------------------------------------------------------------------------------------

  /** Where she is every few seconds while the alarm is open; that the phone lives, at rest. */
  private async keepTelling(): Promise<void> {
    let alarm = "";
    let count = 0;
    while (!this.stopped.signal.aborted) {
      this.told.reset();
      const { heartbeat_interval_s, position_interval_s, tail_s } = this.kit.now;
      const press = await this.store.followedPress(this.around.nowMs(), tail_s * 1000);
      this.around.follow(press !== null || this.untraced.isFollowing);
      if (press === null) await this.stores(() => this.store.forgetOver(this.around.nowMs(), tail_s * 1000));
      await this.tell(press?.counter ?? null);
      if (press === null) {
        await this.told.wait(heartbeat_interval_s * 1000);
        continue;
      }
      count = press.alarm === alarm ? count + 1 : 1;
      alarm = press.alarm;
      await this.told.wait(tellAfterMs(position_interval_s * 1000, press.state, count));
    }
  }

  private async tell(press: number | null): Promise<void> {
    if (press === null && this.radio.isConnected) {
      this.buttonPct = await this.radio.batteryPct();
      await this.kit.giveToButton();
    }
    const position = press === null ? null : this.around.position();
    await this.addOther(this.message(position ? Kind.POSITION : Kind.HEARTBEAT, { press, position }));
  }

  /** What the zone should know of this phone (protocol/link.py). */
  async note(word: string): Promise<void> {
    await this.addOther(this.message(Kind.NOTICE, { position: null, body: utf8(word) }));
  }

  private async giveNotice(notice: Notice): Promise<void> {
    const nowMs = this.around.nowMs();
    const sinceMs = nowMs - (this.noticedMs.get(notice) ?? -Infinity);
    // A clock that was set back must not keep the zone from hearing of it for years.
    if (sinceMs >= 0 && sinceMs < NOTICE_PAUSE_MS) return;
    this.noticedMs.set(notice, nowMs);
    await this.note(notice);
  }

  private async addOther(message: Message): Promise<void> {
    await this.stores(() => this.store.add(message));
    this.others.go();
  }

  private message(kind: Kind, fields: Partial<Message>): Message {
    const battery: Battery = { phone_pct: this.around.battery().phone_pct, button_pct: this.buttonPct };
    return {
      kind,
      counter: 0,
      sent_at_s: Math.floor(this.around.nowMs() / 1000),
      position: this.around.position(),
      battery,
      link: this.link(),
      trigger: null,
      press: null,
      body: null,
      ...fields,
    };
  }

  private link(): number {
    const { isPaired, isConnected } = this.radio;
    const { isPositionRefused, isMicrophoneRefused } = this.around;
    return linkFlags({ isPaired, isConnected, hasPosition: this.around.position() !== null, isPositionRefused, isMicrophoneRefused });
  }

  // -- one attempt ---------------------------------------------------------------------------------------------

  private attempt(sent: Outgoing, isKept?: boolean): Promise<Receipt | null>;
  private attempt(sent: Outgoing, isKept: boolean, waits: Waits): Promise<Receipt | Refused | null>;
  /**
   * The receipt, once the store knows of it unless nothing `isKept`; null when the server did not sign, which is shown. What
   * `waits` is given back instead, and not noted.
   */
  private async attempt(sent: Outgoing, isKept = true, waits: Waits = () => false): Promise<Receipt | Refused | null> {
    try {
      const receipt = await this.sender.send(sent.data);
      const isNews = isKept && (await this.store.takeReceipt(sent, receipt, this.around.nowMs()));
      if (isKept && sent.kind === Kind.HEARTBEAT && !receipt.alarm && (await this.kit.take(receipt.pending))) this.told.set();
      this.listener.onReceipt(sent, receipt);
      if (isNews) this.listener.onState(receipt.state);
      if (isKept && sent.kind === Kind.PRESS) this.told.set();
      return receipt;
    } catch (error) {
      if (error instanceof Unreachable) this.listener.onUnreachable();
      else if (error instanceof Refused) return this.takeRefusal(sent, error, isKept, waits);
      else if (error instanceof DOMException) this.listener.onNotStored();
      // Whatever it was, it must not end the attempts; it is in the browser's log.
      else reportError(error);
      return null;
    }
  }

  /** A limit passes by itself, and nobody need know; that no server can take anything is shown like a refusal. */
  private async takeRefusal(sent: Outgoing, refused: Refused, isKept: boolean, waits: Waits): Promise<Refused | null> {
    const isWaitedFor = waits(refused);
    if (!(isWaitedFor && refused instanceof Limited)) this.listener.onRefused(refused.status);
    if (isWaitedFor) return refused;
    if (isKept) await this.store.noteRefusal(sent.counter, refused.status).catch(() => this.listener.onNotStored());
    return null;
  }

  private async pause(failures: number, longestMs: number): Promise<void> {
    this.hurry.reset();
    await this.hurry.wait(pauseMs(failures, longestMs, Math.random()));
  }
}
