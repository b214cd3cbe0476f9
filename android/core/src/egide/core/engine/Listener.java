package egide.core.engine;

import egide.core.protocol.Receipt;
import egide.core.store.Outgoing;

/** What the core tells its display. */
interface Listener {
  void onStored(Outgoing press);

  /** A test was made. */
  void onTest();

  /** Something is on the disk. */
  void onKept();

  /** The button itself said a press, or a test. */
  void onButton();

  void onNotStored();

  void onReceipt(Outgoing sent, Receipt receipt);

  /** The state of an alarm is news. */
  void onState(Receipt receipt);

  /** An alarm that memory alone knew is closed. */
  void onOver();

  void onRefused(int status);

  void onUnreachable();
}
