package egide.core.time;

import java.util.function.Consumer;
import java.util.function.Supplier;

/** The one thread in which the core lives, and its times. Everything that the core is told is told there. */
public interface Loop {
  /** Something that happens later, unless it is cancelled. */
  interface Timer {
    void cancel();
  }

  /** Microseconds since 1970, by the phone's clock, which may jump. */
  long nowUs();

  /** Microseconds by a clock that does not jump and counts from the phone's start; also while it sleeps. */
  long steadyUs();

  /** In `us` microseconds of time that does not jump; also while the phone sleeps. */
  Timer after(long us, Runnable then);

  /** As soon as nothing else runs; the only one of these that any thread may call. */
  void soon(Runnable then);

  /** What takes long and touches nothing of the core is made elsewhere; `then` gets it in the loop. */
  <T> void elsewhere(Supplier<T> work, Consumer<T> then);
}
