package egide.core.engine;

import egide.core.rules.Rules;
import egide.core.store.Outgoing;
import egide.core.store.PhoneStore;
import egide.core.time.Loop;

/** Everything but presses, one after the other; it waits while a press is on its way. */
final class Others {
  private final PhoneStore store;
  private final Presses presses;
  private final Attempts attempts;
  private final Chance chance;
  private final Signal hurry;
  /** Not before it is started, and one at a time. */
  private boolean isBusy = true;
  private int failures;
  /** Something came since the last one was taken up; and whether that ends the pause. */
  private boolean isAdded;
  private boolean yields;

  Others(Loop loop, PhoneStore store, Presses presses, Attempts attempts, Chance chance) {
    this.store = store;
    this.presses = presses;
    this.attempts = attempts;
    this.chance = chance;
    this.hurry = new Signal(loop);
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
    attempts.attempt(message, true, receipt -> {
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
  }
}
