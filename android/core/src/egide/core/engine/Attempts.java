package egide.core.engine;

import egide.core.protocol.Receipt;
import egide.core.store.Outgoing;
import java.util.function.Consumer;

/** One attempt to give a message to the servers. */
interface Attempts {
  /**
   * `then` gets the receipt, once the store knows of it unless nothing `isKept`; null when the server did not sign, which
   * was shown, or the store failed: then the server gives the same receipt again.
   */
  default void attempt(Outgoing message, boolean isKept, Consumer<Receipt> then) {
    attempt(message, isKept, null, then);
  }

  /** What can wait where no server takes it now (Outcome.onLater). */
  interface Patience {
    /** What follows in the place of a refusal; null where it is one all the same. */
    Runnable waiting(int status, long waitUs);
  }

  /** The same for what can wait: nothing is noted then. `patience` null: it cannot. */
  void attempt(Outgoing message, boolean isKept, Patience patience, Consumer<Receipt> then);
}
