package egide.core.time;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** The core's thread. Where the phone may sleep, the platform is asked to wake it for what is due. */
public final class ThreadLoop implements Loop {
  private static final long LONGEST_WAIT_MS = 60_000;

  private final LongSupplier wallMs;
  private final LongSupplier monotonicMs;
  private final LongConsumer wakeIn;
  private final Consumer<Throwable> onFailure;
  private final Timers timers = new Timers();
  private final Queue<Runnable> waiting = new ArrayDeque<>();
  private final ExecutorService workers = Executors.newCachedThreadPool(ThreadLoop::daemon);
  private final Thread thread;
  private boolean isOver;

  /**
   * `wallMs`: milliseconds since 1970, as somebody set them; `monotonicMs`: by a clock that nobody sets and that counts
   * through sleep. `wakeIn` asks the platform to call `wake` in so many ms. `onFailure`: what failed is a fault of ours,
   * and the phone has to begin anew; nothing runs afterwards.
   */
  public ThreadLoop(
      LongSupplier wallMs, LongSupplier monotonicMs, LongConsumer wakeIn, Consumer<Throwable> onFailure) {
    this.wallMs = wallMs;
    this.monotonicMs = monotonicMs;
    this.wakeIn = wakeIn;
    this.onFailure = onFailure;
    thread = daemon(this::run);
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "core");
    thread.setDaemon(true);
    return thread;
  }

  public void start() {
    thread.start();
  }

  /** Nothing runs once this returned, unless it is called by what runs. */
  public void stop() {
    synchronized (waiting) {
      isOver = true;
      waiting.notifyAll();
    }
    workers.shutdownNow();
    try {
      if (Thread.currentThread() != thread) {
        thread.join();
      }
    } catch (InterruptedException error) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      for (Runnable next = next(); next != null; next = next()) {
        next.run();
      }
    } catch (RuntimeException | Error error) {
      onFailure.accept(error);
    }
  }

  /** What runs next, as soon as there is anything; null once it is over. */
  private Runnable next() {
    synchronized (waiting) {
      while (!isOver) {
        if (!waiting.isEmpty()) {
          return waiting.remove();
        }
        Runnable due = timers.takeDue(steadyUs());
        if (due != null) {
          return due;
        }
        await();
      }
      return null;
    }
  }

  private void await() {
    long nextUs = timers.next();
    long waitMs = LONGEST_WAIT_MS;
    if (nextUs >= 0) {
      long inMs = (nextUs - steadyUs() + 999) / 1000;
      wakeIn.accept(inMs);
      waitMs = Math.max(1, Math.min(waitMs, inMs));
    }
    try {
      waiting.wait(waitMs);
    } catch (InterruptedException error) {
      isOver = true;
    }
  }

  /** The platform woke the phone: what became due meanwhile runs now. */
  public void wake() {
    soon(() -> {});
  }

  @Override
  public long steadyUs() {
    return monotonicMs.getAsLong() * 1000;
  }

  @Override
  public long nowUs() {
    return wallMs.getAsLong() * 1000;
  }

  @Override
  public Timer after(long us, Runnable then) {
    return timers.add(steadyUs() + us, then);
  }

  @Override
  public void soon(Runnable then) {
    synchronized (waiting) {
      waiting.add(then);
      waiting.notifyAll();
    }
  }

  @Override
  public <T> void elsewhere(Supplier<T> work, Consumer<T> then) {
    synchronized (waiting) {
      // What runs while it is stopped may still ask for more.
      if (!isOver) {
        workers.execute(() -> {
          T made = work.get();
          soon(() -> then.accept(made));
        });
      }
    }
  }
}
