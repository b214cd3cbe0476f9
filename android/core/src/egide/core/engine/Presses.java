package egide.core.engine;

import egide.core.rules.Rules;
import egide.core.store.Outgoing;
import egide.core.time.Loop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Presses on their way to the server: a lane of their own, each until its receipt is here, whatever the server says. */
final class Presses {
  /** How many are on their way at once; the others wait their turn. */
  private static final int AT_ONCE = 8;

  private final Attempts attempts;
  private final Signal hurry;
  private final Chance chance;
  private final Deque<Runnable> waiting = new ArrayDeque<>();
  /** Those who let presses go first. */
  private List<Runnable> behind = new ArrayList<>();
  private int inFlight;

  Presses(Loop loop, Attempts attempts, Chance chance) {
    this.attempts = attempts;
    this.hurry = new Signal(loop);
    this.chance = chance;
  }

  void start(Outgoing press) {
    deliver(press, 0);
  }

  private void deliver(Outgoing press, int failures) {
    if (inFlight == AT_ONCE) {
      waiting.add(() -> deliver(press, failures));
      return;
    }
    inFlight++;
    attempts.attempt(press, true, receipt -> {
      leave();
      if (receipt == null) {
        long pauseUs = Rules.pauseUs(failures + 1, Rules.LONGEST_PRESS_PAUSE_US, chance.next());
        hurry.await(pauseUs, () -> deliver(press, failures + 1));
      }
    });
  }

  private void leave() {
    inFlight--;
    if (inFlight == 0) {
      List<Runnable> following = behind;
      behind = new ArrayList<>();
      for (Runnable each : following) {
        each.run();
      }
    }
    if (!waiting.isEmpty()) {
      waiting.remove().run();
    }
  }

  /** `then` follows as soon as no press is on its way. */
  void whenClear(Runnable then) {
    if (inFlight == 0) {
      then.run();
    } else {
      behind.add(then);
    }
  }

  void hurry() {
    hurry.set();
  }

  void stop() {
    hurry.stop();
  }
}
