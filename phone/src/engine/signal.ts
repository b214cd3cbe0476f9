/** Something that is set and waited for, as often as wanted. */
export class Signal {
  private readonly waiting = new Set<() => void>();

  constructor(private isSet = false) {}

  set(): void {
    this.isSet = true;
    for (const wake of [...this.waiting]) wake();
  }

  reset(): void {
    this.isSet = false;
  }

  /** Until it is set, or `withinMs` have passed. */
  wait(withinMs = Infinity): Promise<void> {
    if (this.isSet) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = withinMs === Infinity ? undefined : setTimeout(() => wake(), withinMs);
      const wake = () => {
        this.waiting.delete(wake);
        clearTimeout(timer);
        resolve();
      };
      this.waiting.add(wake);
    });
  }
}
