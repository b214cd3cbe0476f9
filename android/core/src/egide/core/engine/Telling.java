package egide.core.engine;

import egide.core.protocol.Settings;
import egide.core.rules.Rules;
import egide.core.store.PhoneStore;
import egide.core.store.Press;
import egide.core.time.Loop;
import java.util.function.Consumer;
import java.util.function.LongUnaryOperator;
import java.util.function.Supplier;

/** Where she is every few seconds in an alarm and for a while after it; at rest, that the phone lives. */
final class Telling {
  private final Loop loop;
  private final PhoneStore store;
  private final Supplier<Settings> settings;
  private final LongUnaryOperator atRestUs;
  private final Consumer<Long> tell;
  private final HeldBack heldBack;
  private final Signal told;
  private String alarm = "";
  private int times;
  private boolean isTelling;
  private boolean isDue;

  /**
   * `tell` says it once, and gets the counter of the press that is followed, null at rest. `atRestUs` gives the pause
   * at rest by that of the settings.
   */
  Telling(
      Loop loop,
      PhoneStore store,
      Supplier<Settings> settings,
      LongUnaryOperator atRestUs,
      Consumer<Long> tell,
      HeldBack heldBack) {
    this.loop = loop;
    this.store = store;
    this.settings = settings;
    this.atRestUs = atRestUs;
    this.tell = tell;
    this.heldBack = heldBack;
    this.told = new Signal(loop);
  }

  void start() {
    isTelling = true;
    heldBack.arrive();
    long pauseUs;
    do {
      isDue = false;
      pauseUs = tellOnce();
    } while (isDue);
    isTelling = false;
    heldBack.expect(pauseUs);
    told.await(pauseUs, this::start);
  }

  /** The pause before the next one. */
  private long tellOnce() {
    Press press = store.followedPress(loop.nowUs(), settings.get().tailS());
    if (press == null) {
      tell.accept(null);
      return atRestUs.applyAsLong(settings.get().heartbeatIntervalS() * 1_000_000);
    }
    times = press.alarm().equals(alarm) ? times + 1 : 1;
    alarm = press.alarm();
    tell.accept(press.counter());
    return Rules.tellAfterUs(settings.get().positionIntervalS() * 1_000_000, press.state(), times);
  }

  /** Say it again at once. */
  void now() {
    if (isTelling) {
      isDue = true;
    } else {
      told.set();
    }
  }

  void stop() {
    told.stop();
  }
}
