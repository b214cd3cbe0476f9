package egide.core.engine;

import egide.core.store.Choices;
import egide.core.store.PhoneStore;
import java.io.IOException;

/** What the person chose, as it holds now. */
final class Choosing {
  private final PhoneStore store;
  private final Reporter reporter;
  private Choices now;

  Choosing(PhoneStore store, Reporter reporter) {
    this.store = store;
    this.reporter = reporter;
    now = store.choices();
    store.whenUnlocked(() -> now = store.choices());
  }

  Choices now() {
    return now;
  }

  /** Holds from now on, even where the disk refuses it. */
  void choose(Choices changed) {
    now = changed;
    try {
      store.doChoose(changed);
    } catch (IOException error) {
      reporter.report("phone.not_stored", Facts.of("reason", String.valueOf(error.getMessage())));
    }
  }

  /** They are in the store already. */
  void onKept(Choices kept) {
    now = kept;
  }
}
