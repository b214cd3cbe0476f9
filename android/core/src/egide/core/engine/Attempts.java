package egide.core.engine;

import egide.core.protocol.Receipt;
import egide.core.store.Outgoing;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** One attempt to give a message to the servers. */
interface Attempts {
  /**
   * `then` gets the receipt, once the store knows of it unless nothing `isKept`; null when the server did not sign, which
   * was shown, or the store failed: then the server gives the same receipt again.
   */
  default void attempt(Outgoing message, boolean isKept, Consumer<Receipt> then) {
    attempt(message, isKept, null, then);
  }

  /**
   * The same for what can wait: where the servers limit this phone only `limited` is told, for how many microseconds, and
   * nothing is shown or noted. Without `limited` a limit is a refusal.
   */
  void attempt(Outgoing message, boolean isKept, LongConsumer limited, Consumer<Receipt> then);
}
