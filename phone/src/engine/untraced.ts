/**
 * What is reported from memory alone: nothing on the disk says which code was entered, nor that anything was reported.
 *
 * An alarm that a code under threat opened is followed here as long as the page lives.
 */
import { Kind, type Message } from "../core/envelope";
import type { Receipt } from "../core/receipt";
import { LONGEST_PRESS_PAUSE_MS, pauseMs, tellAfterMs } from "../core/rules";
import type { Outgoing } from "../store/store";
import { Limited, Refused } from "../transport/failures";
import type { Waits } from "./others";
import { Signal } from "./signal";

/** How a message is signed, sent and reported; the engine has all of it. */
export interface Ways {
  sealed(kind: Kind, fields: Partial<Message>): Promise<Outgoing>;
  /** The receipt, null when there is none yet, which was reported, or what is waited for. */
  sent(message: Outgoing, waits: Waits): Promise<Receipt | Refused | null>;
  hasPosition(): boolean;
  onClosed(): void;
}

export class Untraced {
  private readonly hurry = new Signal();
  private readonly told = new Signal();
  private following: object | null = null;

  constructor(
    private readonly ways: Ways,
    private readonly intervalMs: () => number,
  ) {}

  /** Whether an alarm is followed that the disk knows nothing of. */
  get isFollowing(): boolean {
    return this.following !== null;
  }

  /** Whether the server signed for it at once; else it is tried again until it does. */
  async say(kind: Kind, fields: Partial<Message>): Promise<boolean> {
    const message = await this.ways.sealed(kind, fields);
    if (kind === Kind.PRESS) this.follow(message.counter);
    // An answer that was lost once is no missing network, and a limit passes; a press waits for none.
    if ((await this.attempt(message, kind !== Kind.PRESS)) ?? (await this.attempt(message))) return true;
    void this.again(message);
    return false;
  }

  /** Said once: what comes after it says it better. */
  async tell(kind: Kind, fields: Partial<Message>): Promise<void> {
    await this.attempt(await this.ways.sealed(kind, fields));
  }

  /** Tells where she is until the alarm is closed. `press`: the counter of the press that opened it, if known. */
  follow(press: number | null): void {
    if (this.following !== null) return;
    this.following = {};
    void this.keepTelling(this.following, press);
  }

  tryNow(): void {
    this.hurry.set();
    this.told.set();
  }

  /** Nothing more is followed; what was said is tried until the server has signed. */
  stop(): void {
    this.following = null;
    this.tryNow();
  }

  private async keepTelling(turn: object, press: number | null): Promise<void> {
    let state = "";
    for (let count = 1; this.following === turn; count++) {
      this.told.reset();
      await this.told.wait(tellAfterMs(this.intervalMs(), state, count));
      if (this.following !== turn) return;
      const kind = this.ways.hasPosition() ? Kind.POSITION : Kind.HEARTBEAT;
      const receipt = await this.attempt(await this.ways.sealed(kind, { press }));
      state = receipt?.state ?? state;
      // Nothing that it could belong to is open any more.
      if (receipt?.alarm === "") this.end();
    }
  }

  private async attempt(message: Outgoing, mayWait = false): Promise<Receipt | null> {
    const receipt = await this.ways.sent(message, (refused) => mayWait && refused instanceof Limited);
    if (receipt instanceof Limited) await new Signal().wait(receipt.waitMs);
    if (receipt instanceof Refused) return null;
    if (receipt?.state === "closed") this.end();
    return receipt;
  }

  private end(): void {
    if (this.following === null) return;
    this.following = null;
    this.ways.onClosed();
  }

  private async again(message: Outgoing): Promise<void> {
    for (let failures = 1; ; failures++) {
      this.hurry.reset();
      await this.hurry.wait(pauseMs(failures, LONGEST_PRESS_PAUSE_MS, Math.random()));
      if (await this.attempt(message)) return;
    }
  }
}
