/** Which messages wait in their order because no server can take them now (decision 0102). */
import type { Kind } from "../core/envelope";
import { SHORTEST_WAIT_MS } from "../core/rules";
import type { Outgoing } from "../store/store";

// A server that takes other messages and none of these times this one means the message after all.
const MEANT_AFTER = 10;

/**
 * That a server is away was the answer to the message `counter`: so many `times`, and others were taken between. `taken`: how
 * many messages had been taken then.
 */
interface Word {
  readonly counter: number;
  readonly times: number;
  readonly taken: number;
}

/**
 * A kind for which servers are away waits as a whole: an intake whose journal is away keeps places and refuses notices. In
 * memory alone.
 */
export class Away {
  readonly kinds = new Set<Kind>();
  private readonly words = new Map<Kind, Word>();
  private taken = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isNear = false;

  /** `again` is called when the wait is over: what waited has its turn. */
  constructor(private readonly again: () => void) {}

  /**
   * Whether this further answer means the message and not the server. Behind another kind that waits it means the server: what
   * has its turn only then would be asked only while the server is away.
   */
  means({ kind, counter }: Outgoing): boolean {
    if (this.kinds.size > 0) return false;
    const { taken } = this;
    const before = this.words.get(kind);
    let word = before?.counter === counter ? before : { counter, times: 1, taken };
    if (word.taken < taken) word = { counter, times: word.times + 1, taken };
    this.words.set(kind, word);
    return word.times >= MEANT_AFTER && this.words.delete(kind);
  }

  /** What is of this kind waits; `pauseMs` holds where nothing waited yet. */
  wait(kind: Kind, pauseMs: number): void {
    if (this.kinds.size === 0) {
      this.isNear = false;
      this.endIn(pauseMs);
    }
    this.kinds.add(kind);
  }

  /** A server took something, so it may take the rest. */
  noteTaken(): void {
    this.taken += 1;
    if (this.kinds.size === 0 || this.isNear) return;
    this.isNear = true;
    this.endIn(SHORTEST_WAIT_MS);
  }

  private endIn(ms: number): void {
    this.stop();
    this.timer = setTimeout(() => this.end(), ms);
  }

  /** All has its turn again. */
  end(): void {
    if (this.kinds.size === 0) return;
    this.stop();
    this.kinds.clear();
    this.again();
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
