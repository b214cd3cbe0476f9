/**
 * One window works at a time: the one that was looked at last. Another one would listen to the same button and tell
 * the same positions twice (Web Locks API, W3C).
 */

const NAME = "working";

export class Alone {
  private isQueued = false;
  private holds = false;

  constructor(
    private readonly work: () => void,
    private readonly rest: () => void,
  ) {}

  /** Takes over from whatever window works now. */
  claim(): void {
    if (this.holds) return;
    if (!("locks" in navigator)) {
      this.begin();
      return;
    }
    void navigator.locks.request(NAME, { steal: true }, () => this.hold()).catch(() => this.lost());
  }

  private hold(): Promise<never> {
    this.begin();
    return new Promise(() => undefined);
  }

  private begin(): void {
    this.holds = true;
    this.work();
  }

  /** Another window took over; this one goes on when that is closed. */
  private lost(): void {
    this.holds = false;
    this.rest();
    if (this.isQueued) return;
    this.isQueued = true;
    const again = () => {
      this.isQueued = false;
      return this.hold();
    };
    void navigator.locks.request(NAME, again).catch(() => this.lost());
  }
}
