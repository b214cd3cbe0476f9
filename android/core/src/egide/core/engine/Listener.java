package egide.core.engine;

import egide.core.protocol.Receipt;
import egide.core.store.Outgoing;

/** What the core tells its display. */
interface Listener {
  void onStored(Outgoing press);

  void onNotStored();

  void onReceipt(Outgoing sent, Receipt receipt);

  /** The state of an alarm is news. */
  void onState(Receipt receipt);

  /** An alarm that memory alone knew is closed. */
  void onOver();

  void onRefused(int status);

  void onUnreachable();
}
