package egide.core.engine;

import egide.core.rules.Rules;
import egide.core.store.Outgoing;
import egide.core.store.PhoneStore;
import egide.core.time.Loop;
import egide.core.transport.Outcome;

/** Everything but presses, one after the other; it waits while a press is on its way. */
final class Others {
  private final PhoneStore store;
  private final Presses presses;
  private final Attempts attempts;
  private final Chance chance;
  private final Signal hurry;
  private final Signal limit;
  private final Away away;
  /** Not before it is started, and one at a time. */
  private boolean isBusy = true;
  private int failures;
  /** How long limits were waited for, one after the other: told so once more, it takes that for a refusal. */
  private long waitedUs;
  /** Something came since the last one was taken up; and whether that ends the pause. */
  private boolean isAdded;
  private boolean yields;

  Others(Loop loop, PhoneStore store, Presses presses, Attempts attempts, Chance chance) {
    this.store = store;
    this.presses = presses;
    this.attempts = attempts;
    this.chance = chance;
    this.hurry = new Signal(loop);
    this.limit = new Signal(loop);
    this.away = new Away(loop, this::go);
  }

  void start() {
    goOn();
  }

  /** There may be something to send. */
  void go() {
    isAdded = true;
    if (yields) {
      hurry.set();
    } else if (!isBusy) {
      takeUp();
    }
  }

  private void takeUp() {
    isAdded = false;
    Outgoing next = store.nextOther(away.kinds);
    if (next != null) {
      isBusy = true;
      presses.whenClear(() -> send(next));
    }
  }

  private void send(Outgoing message) {
    attempts.attempt(message, true, (status, waitUs) -> waiting(message, status, waitUs), receipt -> {
      waitedUs = 0;
      if (receipt != null) {
        failures = 0;
        away.noteTaken();
        goOn();
      } else {
        goOnAfterRefusal(message);
      }
    });
  }

  /**
   * What was refused before waits for no server that is away: it may be refused for good, and must not hold up what was never
   * tried.
   */
  private Runnable waiting(Outgoing message, int status, long waitUs) {
    if (status == Outcome.LIMITED) {
      // Whose turn it is then goes next: what was limited, or what a person did meanwhile.
      return waitedUs >= Rules.LIMITED_FOR_US ? null : () -> {
        waitedUs += waitUs;
        limit.await(waitUs, this::goOn);
      };
    }
    return message.refused() != 0 || away.means(message) ? null : () -> {
      waitedUs = 0;
      failures += away.kinds.isEmpty() ? 1 : 0;
      away.await(message.kind(), Math.max(waitUs, pauseUs()));
      goOn();
    };
  }

  private void goOnAfterRefusal(Outgoing message) {
    failures++;
    Outgoing following = store.nextOther(away.kinds);
    boolean isOther = following != null && following.counter() != message.counter() && following.refused() == 0;
    // What was refused before, perhaps for good, does not hold up what was never tried.
    yields = !isOther && message.refused() != 0;
    if (isOther || yields && isAdded) {
      goOn();
    } else {
      hurry.await(pauseUs(), this::goOn);
    }
  }

  private long pauseUs() {
    long longestUs = store.openPress() == null ? Rules.LONGEST_PAUSE_US : Rules.LONGEST_PRESS_PAUSE_US;
    return Rules.pauseUs(failures, longestUs, chance.next());
  }

  private void goOn() {
    isBusy = false;
    yields = false;
    takeUp();
  }

  void hurry() {
    away.end();
    hurry.set();
  }

  void stop() {
    hurry.stop();
    limit.stop();
    away.stop();
  }
}
