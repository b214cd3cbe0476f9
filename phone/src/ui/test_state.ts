/** How far the test is that she asked for last (safety rule 20). */

const LASTS_MS = 120_000;

export type TestStep = "none" | "armed" | "made" | "received";

/** One that is armed ends by itself; one that was made is still sent. */
export class TestState {
  /** Milliseconds since 1970; 0: not armed. */
  armedUntilMs = 0;
  private armedFromMs = 0;
  private said: "" | "made" | "received" = "";

  step(nowMs: number): TestStep {
    if (this.said !== "") return this.said;
    // With the clock set back behind the arming a press is real (isTest in core/rules.ts).
    return this.armedFromMs <= nowMs && nowMs < this.armedUntilMs ? "armed" : "none";
  }

  /** Returns until when, in milliseconds since 1970. */
  arm(nowMs: number): number {
    this.said = "";
    this.armedFromMs = nowMs;
    return (this.armedUntilMs = nowMs + LASTS_MS);
  }

  /** False when it was not armed. */
  disarm(): boolean {
    const wasArmed = this.armedUntilMs > 0;
    this.armedUntilMs = 0;
    return wasArmed;
  }

  make(): void {
    this.armedUntilMs = 0;
    this.said = "made";
  }

  receive(): void {
    this.said = "received";
  }
}
