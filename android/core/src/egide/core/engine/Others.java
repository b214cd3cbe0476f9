package egide.core.engine;

import egide.core.rules.Rules;
import egide.core.store.Outgoing;
import egide.core.store.PhoneStore;
import egide.core.time.Loop;
import java.util.function.LongConsumer;

/** Everything but presses, one after the other; it waits while a press is on its way. */
final class Others {
  private final PhoneStore store;
  private final Presses presses;
  private final Attempts attempts;
  private final Chance chance;
  private final Signal hurry;
  private final Signal limit;
  /** Not before it is started, and one at a time. */
  private boolean isBusy = true;
  private int failures;
  /** A server limited this phone, and it waited: told so again, it takes that for a refusal. */
  private boolean hasWaited;
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
    Outgoing next = store.nextOther();
    if (next != null) {
      isBusy = true;
      presses.whenClear(() -> send(next));
    }
  }

  private void send(Outgoing message) {
    LongConsumer limited = waitUs -> {
      hasWaited = true;
      // Whose turn it is then goes next: what was limited, or what a person did meanwhile.
      limit.await(waitUs, this::goOn);
    };
    attempts.attempt(message, true, hasWaited ? null : limited, receipt -> {
      hasWaited = false;
      if (receipt != null) {
        failures = 0;
        goOn();
        return;
      }
      failures++;
      Outgoing following = store.nextOther();
      boolean isOther = following != null && following.counter() != message.counter() && following.refused() == 0;
      if (isOther) {
        goOn();
        return;
      }
      // What was refused before, perhaps for good, does not hold up what was never tried.
      yields = message.refused() != 0;
      if (yields && isAdded) {
        goOn();
        return;
      }
      boolean alarmIsOpen = store.openPress() != null;
      long longestUs = alarmIsOpen ? Rules.LONGEST_PRESS_PAUSE_US : Rules.LONGEST_PAUSE_US;
      hurry.await(Rules.pauseUs(failures, longestUs, chance.next()), this::goOn);
    });
  }

  private void goOn() {
    isBusy = false;
    yields = false;
    takeUp();
  }

  void hurry() {
    hurry.set();
  }

  void stop() {
    hurry.stop();
    limit.stop();
  }
}
