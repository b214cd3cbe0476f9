package egide.core.engine;

import egide.core.time.Loop;
import java.util.ArrayList;
import java.util.List;

/** Pauses that end early when there is a reason: the network is back, or somebody pressed. */
final class Signal {
  private final Loop loop;
  private final List<Pause> pauses = new ArrayList<>();

  Signal(Loop loop) {
    this.loop = loop;
  }

  /** Somebody who waits, by this signal or by time. */
  private final class Pause {
    private final Runnable then;
    private Loop.Timer timer;

    Pause(Runnable then) {
      this.then = then;
    }

    void end() {
      timer.cancel();
      pauses.remove(this);
      then.run();
    }
  }

  /** `then` follows in `us` microseconds, or as soon as this is set. */
  void await(long us, Runnable then) {
    Pause pause = new Pause(then);
    pauses.add(pause);
    pause.timer = loop.after(us, pause::end);
  }

  /** Ends every pause of now. */
  void set() {
    for (Pause pause : new ArrayList<>(pauses)) {
      if (pauses.contains(pause)) {
        pause.end();
      }
    }
  }

  /** Nobody waits any more, and nothing follows. */
  void stop() {
    for (Pause pause : pauses) {
      pause.timer.cancel();
    }
    pauses.clear();
  }
}
