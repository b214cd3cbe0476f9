package egide.core.time;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BooleanSupplier;

/** What is asked of somebody who does one thing at a time and forgets a second one: each waits for its turn. */
public final class Steps {
  private static final long STEP_US = 10_000_000;

  private final Loop loop;
  private final Runnable late;
  private final Deque<Step> steps = new ArrayDeque<>();
  private Loop.Timer waiting;

  /** `ask` is whether it was begun; `answer` gets whether it went well, and what was read. */
  private record Step(BooleanSupplier ask, Answer answer) {}

  /** What came of a step. */
  public interface Answer {
    void take(boolean isDone, byte[] value);
  }

  /** `late`: nothing was said within ten seconds. */
  public Steps(Loop loop, Runnable late) {
    this.loop = loop;
    this.late = late;
  }

  /** Forgets all that waits. */
  public void clear() {
    arrived();
    steps.clear();
  }

  /** What was expected came. */
  public void arrived() {
    if (waiting != null) {
      waiting.cancel();
      waiting = null;
    }
  }

  /** Something must be said within ten seconds. */
  public void expect() {
    arrived();
    waiting = loop.after(STEP_US, late);
  }

  public void add(BooleanSupplier ask, Answer answer) {
    steps.add(new Step(ask, answer));
    if (steps.size() == 1) {
      ask();
    }
  }

  private void ask() {
    Step step = steps.peek();
    if (step == null) {
      return;
    }
    expect();
    if (!step.ask.getAsBoolean()) {
      done(false, null);
    }
  }

  /** What was asked is answered. */
  public void done(boolean isDone, byte[] value) {
    Step step = steps.peek();
    if (step == null) {
      return;
    }
    arrived();
    step.answer.take(isDone, value);
    // An answer may have ended it, and with it all that waited.
    if (steps.peek() == step) {
      steps.remove();
      ask();
    }
  }
}
