package egide.core.engine;

import egide.core.store.Alive;
import egide.core.store.PhoneStore;
import egide.core.time.Loop;
import java.io.IOException;

/**
 * Whether the phone kept the app from running: what was due came far too late, or the process had been ended while the phone
 * ran. Makers' battery savers say nothing of themselves; only our own missed times tell of them.
 */
final class HeldBack {
  /** In Doze a timer waits nine minutes, and twice as long when another one came just before. */
  static final long TOLERATED_US = 1_500_000_000;
  static final long REMEMBERED_US = 86_400_000_000L;
  private static final long NOTED_EVERY_US = 300_000_000;
  /** Two moments at which the phone seems to have started are one when they differ by less: clocks are set a little. */
  private static final long SAME_START_US = 60_000_000;

  private final Loop loop;
  private final PhoneStore store;
  private long dueUs;
  private Long sinceUs;
  private Long notedUs;

  HeldBack(Loop loop, PhoneStore store) {
    this.loop = loop;
    this.store = store;
    Alive last = store.alive();
    boolean isSameStart = last != null && Math.abs(startUs() - last.startUs()) < SAME_START_US;
    dueUs = isSameStart ? last.dueUs() : loop.steadyUs();
  }

  private long startUs() {
    return loop.nowUs() - loop.steadyUs();
  }

  /** What was due is done now. */
  void arrive() {
    if (loop.steadyUs() - dueUs > TOLERATED_US) {
      sinceUs = loop.steadyUs();
    }
  }

  /** The next is due in `us`. */
  void expect(long us) {
    long nowUs = loop.steadyUs();
    dueUs = nowUs + us;
    if (notedUs == null || nowUs - notedUs >= NOTED_EVERY_US) {
      notedUs = nowUs;
      note(new Alive(dueUs, startUs()));
    }
  }

  /** A disk that refuses it costs only that an end of the process may go unnoticed. */
  private void note(Alive alive) {
    try {
      store.doNoteAlive(alive);
    } catch (IOException full) {
      notedUs = null;
    }
  }

  /** Within the last day. */
  boolean is() {
    return sinceUs != null && loop.steadyUs() - sinceUs < REMEMBERED_US;
  }
}
