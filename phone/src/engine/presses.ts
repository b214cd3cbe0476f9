/** Presses on their way to the server: a lane of their own, each until its receipt is here, whatever the server says. */
import type { Receipt } from "../core/receipt";
import { LONGEST_PRESS_PAUSE_MS, pauseMs } from "../core/rules";
import type { Outgoing } from "../store/store";
import { Signal } from "./signal";

// How many are on their way at once; the others wait their turn.
const AT_ONCE = 8;

export class Presses {
  /** Set while none is on its way: all else lets presses go first. */
  readonly clear = new Signal(true);
  private readonly turns: (() => void)[] = [];
  private inFlight = 0;

  /** `hurry` ends every pause; `attempt` resolves with null when the server did not sign. */
  constructor(
    private readonly hurry: Signal,
    private readonly stopped: AbortSignal,
    private readonly attempt: (press: Outgoing) => Promise<Receipt | null>,
  ) {}

  async deliver(press: Outgoing): Promise<void> {
    for (let failures = 1; !this.stopped.aborted; failures++) {
      if (await this.inTurn(press)) return;
      this.hurry.reset();
      await this.hurry.wait(pauseMs(failures, LONGEST_PRESS_PAUSE_MS, Math.random()));
    }
  }

  private async inTurn(press: Outgoing): Promise<Receipt | null> {
    if (this.inFlight === AT_ONCE) await new Promise<void>((resolve) => this.turns.push(resolve));
    else this.inFlight += 1;
    this.clear.reset();
    const receipt = await this.attempt(press);
    const next = this.turns.shift();
    // A place goes from hand to hand, so that nobody takes it in between.
    if (next) next();
    else this.inFlight -= 1;
    if (this.inFlight === 0) this.clear.set();
    return receipt;
  }
}
