package egide.core.ports;

import egide.core.time.Loop;
import java.io.File;

/** What the platform says to the core, always in the thread of its {@link Loop}; what it means is the core's affair. */
public interface Phone {
  /**
   * All that the core has of the platform; `folder` can be read and written before anybody unlocked the phone. `broadcasts` is
   * null but in an app for trials, `updates` where nothing takes the place of this app.
   */
  record Platform(
      File folder,
      Loop loop,
      Keeper keeper,
      Radio radio,
      Broadcasts broadcasts,
      Surroundings around,
      Sound sound,
      Keys keys,
      Texts texts,
      Updates updates,
      Screen screen) {}

  /** Takes up what an earlier life left, and goes on. */
  void start();

  /** Whether there is a kit to serve with no page open. Known at once, from any thread, also before {@link #start}. */
  boolean isNeeded();

  /** Somebody unlocked the phone for the first time since its start: `folder` holds what only then can be read. */
  void onUnlocked(File folder);

  /** There is a network again, or another one. */
  void onNetwork();

  /** Bluetooth, a permission or an exemption changed: ask {@link Surroundings} and {@link Radio} again. */
  void onChanged();

  /** What her page asks: one JSON object. The answer, if any, comes through {@link Screen#tell}. */
  void ask(String json);
}
