package egide.core.engine;

import egide.core.ports.Broadcasts;
import egide.core.protocol.Advertised;
import egide.core.protocol.Bthome;
import egide.core.protocol.BthomeError;
import egide.core.store.PhoneStore;
import egide.core.time.Loop;
import java.io.IOException;
import java.util.function.Consumer;

/** Waits for one press that the kit's key opens, and knows that button from then on. */
final class BroadcastPairing implements Broadcasts.Heard {
  static final long WITHIN_US = 60_000_000;

  private final Broadcasts broadcasts;
  private final PhoneStore store;
  private final byte[] address;
  private final Consumer<String> then;
  private final Loop.Timer late;
  private boolean isOver;

  private BroadcastPairing(
      Broadcasts broadcasts, PhoneStore store, Loop loop, byte[] address, Consumer<String> then) {
    this.broadcasts = broadcasts;
    this.store = store;
    this.address = address;
    this.then = then;
    late = loop.after(WITHIN_US, () -> end("NOTHING"));
  }

  /**
   * `printed`: its address, such as 0C:EF:F6:01:02:03, IllegalArgumentException. `then` gets PAIRED, or why not: NOTHING was
   * heard within a minute, NOT_ENCRYPTED, NOT_OURS, NOT_SUPPORTED, NOT_STORED.
   */
  static void begin(Broadcasts broadcasts, PhoneStore store, Loop loop, String printed, Consumer<String> then) {
    byte[] address = Bthome.addressBytes(printed);
    broadcasts.listen(Bthome.printed(address), new BroadcastPairing(broadcasts, store, loop, address, then));
  }

  @Override
  public void onBroadcast(byte[] serviceData) {
    if (isOver) {
      return;
    }
    Advertised found;
    try {
      found = Bthome.decode(serviceData, address, store.enrolment().buttonKey());
    } catch (BthomeError error) {
      end(error.reason.equals("not-encrypted") ? "NOT_ENCRYPTED"
          : error.reason.equals("wrong-key") ? "NOT_OURS" : "NOT_SUPPORTED");
      return;
    }
    try {
      // Its copies are still on the air, and somebody may send it again: the counter is on the disk before the address.
      if (store.doNoteButton(found.counter())) {
        store.doKeepBroadcaster(address);
        end("PAIRED");
      }
    } catch (IOException error) {
      end("NOT_STORED");
    }
  }

  @Override
  public void onListening(boolean isListening) {
    // What cannot be heard is missed after a minute.
  }

  private void end(String word) {
    isOver = true;
    late.cancel();
    broadcasts.stop();
    then.accept(word);
  }
}
