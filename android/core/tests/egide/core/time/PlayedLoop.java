package egide.core.time;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Time that stands still until a test moves it. What is made elsewhere is made at once. */
public final class PlayedLoop implements Loop {
  private Timers timers = new Timers();
  private final Queue<Runnable> waiting = new ArrayDeque<>();
  private long monotonicUs;
  private long aheadUs;

  public PlayedLoop(long nowUs) {
    aheadUs = nowUs;
  }

  @Override
  public long nowUs() {
    return monotonicUs + aheadUs;
  }

  @Override
  public long steadyUs() {
    return monotonicUs;
  }

  /** The phone lets nothing run meanwhile: what became due runs late. */
  public void hold(long us) {
    monotonicUs += us;
  }

  /** Somebody sets the clock. */
  public void jump(long us) {
    aheadUs += us;
  }

  @Override
  public Timer after(long us, Runnable then) {
    return timers.add(monotonicUs + us, then);
  }

  @Override
  public void soon(Runnable then) {
    waiting.add(then);
  }

  @Override
  public <T> void elsewhere(Supplier<T> work, Consumer<T> then) {
    T made = work.get();
    soon(() -> then.accept(made));
  }

  /** A process ended: nothing of what it waited for happens. */
  public void forget() {
    timers = new Timers();
    waiting.clear();
  }

  /** Runs whatever is due now. */
  public void run() {
    while (true) {
      Runnable next = waiting.isEmpty() ? timers.takeDue(monotonicUs) : waiting.remove();
      if (next == null) {
        return;
      }
      next.run();
    }
  }

  /** When something is due next, by the time that does not jump; -1 for never. */
  public long nextUs() {
    return timers.next();
  }

  /** Time passes up to `untilUs`, and whatever becomes due runs in its turn. */
  public void runUntil(long untilUs) {
    run();
    while (timers.next() >= 0 && timers.next() <= untilUs) {
      monotonicUs = Math.max(monotonicUs, timers.next());
      run();
    }
    monotonicUs = Math.max(monotonicUs, untilUs);
  }
}
