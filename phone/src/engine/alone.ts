/**
 * One window works at a time: the one that was looked at last. Another one would listen to the same button and tell
 * the same positions twice (Web Locks API, W3C).
 */

const NAME = "working";

export class Alone {
  private isQueued = false;
  /** The request whose lock this window holds. */
  private held: object | null = null;

  constructor(
    private readonly work: () => void,
    private readonly rest: () => void,
  ) {}

  /** Takes over from whatever window works now. */
  claim(): void {
    if (this.held !== null) return;
    if ("locks" in navigator) this.request({ steal: true });
    else this.hold({});
  }

  private request(options: LockOptions): void {
    const request = {};
    const granted = () => {
      if (!options.steal) this.isQueued = false;
      return this.hold(request);
    };
    void navigator.locks.request(NAME, options, granted).catch(() => this.lost(request));
  }

  /** A window may take over from itself: looked at twice in a moment, or just when its turn came. Then it goes on. */
  private hold(request: object): Promise<never> {
    if (this.held === null) this.work();
    this.held = request;
    return new Promise(() => undefined);
  }

  /** Another window took over; this one goes on when that is closed. */
  private lost(request: object): void {
    if (this.held !== request) return;
    this.held = null;
    this.rest();
    if (this.isQueued) return;
    this.isQueued = true;
    this.request({});
  }
}
