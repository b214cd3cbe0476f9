/** Everything but presses on its way to the server: one after the other, and only while no press is on its way. */
import type { Receipt } from "../core/receipt";
import { LIMITED_FOR_MS, LONGEST_PAUSE_MS, LONGEST_PRESS_PAUSE_MS, pauseMs } from "../core/rules";
import type { Outgoing, PhoneStore } from "../store/store";
import { Limited, type Refused, ServersAway } from "../transport/failures";
import { Away } from "./away";
import { Signal } from "./signal";

/** Whether a word of the servers is waited for instead of being taken for a refusal. */
export type Waits = (refused: Refused) => boolean;
/** The receipt, null when there is none yet, or what is waited for. */
export type Attempt = (message: Outgoing, waits: Waits) => Promise<Receipt | Refused | null>;

export class Others {
  private readonly added = new Signal();
  private readonly away = new Away(() => this.added.set());
  private failures = 0;
  /** How long limits were waited for, one after the other. */
  private waitedMs = 0;

  /** `clear` is set while no press is on its way; `hurry` ends every pause. */
  constructor(
    private readonly store: PhoneStore,
    private readonly clear: Signal,
    private readonly hurry: Signal,
    private readonly stopped: AbortSignal,
    private readonly attempt: Attempt,
  ) {}

  /** There may be something to send. */
  go(): void {
    this.added.set();
  }

  /** Tries again now what waits for servers that are away. */
  tryNow(): void {
    this.away.end();
  }

  stop(): void {
    this.away.stop();
    this.added.set();
  }

  /** Until stopped. Rejects with a DOMException when the store refuses. */
  async run(): Promise<void> {
    while (!this.stopped.aborted) {
      this.added.reset();
      const waiting = await this.store.nextOther(this.away.kinds);
      if (waiting === null) {
        await this.added.wait();
        continue;
      }
      await this.clear.wait();
      const said = await this.attempt(waiting, (refused) => this.waits(waiting, refused));
      // Whose turn it is then goes next: what was limited, or what a person did meanwhile.
      this.waitedMs = said instanceof Limited ? this.waitedMs + said.waitMs : 0;
      if (said instanceof Limited) await new Signal().wait(said.waitMs);
      else if (said instanceof ServersAway) await this.waitFor(waiting, said);
      else await this.goOn(waiting, said as Receipt | null);
    }
  }

  /**
   * Whether this says nothing of the message. What was refused before waits for no server that is away: it may be refused for
   * good, and must not hold up what was never tried.
   */
  private waits(message: Outgoing, refused: Refused): boolean {
    if (refused instanceof Limited) return this.waitedMs < LIMITED_FOR_MS;
    return refused instanceof ServersAway && message.refused === 0 && !this.away.means(message);
  }

  private async waitFor(message: Outgoing, { waitMs }: ServersAway): Promise<void> {
    if (this.away.kinds.size === 0) this.failures += 1;
    this.away.wait(message.kind, Math.max(waitMs, await this.pauseMs()));
  }

  private async goOn(message: Outgoing, receipt: Receipt | null): Promise<void> {
    if (receipt) {
      this.failures = 0;
      this.away.noteTaken();
      return;
    }
    this.failures += 1;
    const following = await this.store.nextOther(this.away.kinds);
    if (following && following.counter !== message.counter && following.refused === 0) return;
    const ms = await this.pauseMs();
    this.hurry.reset();
    const pause = this.hurry.wait(ms);
    // What was refused before, perhaps for good, does not hold up what was never tried.
    await (message.refused === 0 ? pause : Promise.race([pause, this.added.wait()]));
  }

  private async pauseMs(): Promise<number> {
    const isOpen = (await this.store.openPress()) !== null;
    return pauseMs(this.failures, isOpen ? LONGEST_PRESS_PAUSE_MS : LONGEST_PAUSE_MS, Math.random());
  }
}
