package egide.core.store;

import egide.core.protocol.Bytes;
import egide.core.protocol.Kind;
import egide.core.protocol.Message;
import egide.core.protocol.Position;
import egide.core.protocol.Receipt;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.Set;

/**
 * A process that does nothing but press, tell where it is and take receipts, and says each step in a line once it is
 * durable; tests kill it. Arguments: the file of the store, and how many steps.
 */
public final class Pressing {
  private static final PrintStream OUT = new PrintStream(System.out, true);

  private Pressing() {}

  public static void main(String[] arguments) throws IOException {
    try (PhoneStore store = PhoneStore.open(Path.of(arguments[0]), new KeyMaker.Soft())) {
      Deque<Outgoing> waiting = new ArrayDeque<>(store.unsentPresses());
      OUT.println("opened " + store.kid() + " " + store.buttonHighest() + " " + store.isMended());
      for (Outgoing each : waiting) {
        OUT.println("unsent " + each.counter() + " " + Bytes.toHex(each.data()));
      }
      OUT.println("begins");
      for (int step = 0; step < Integer.parseInt(arguments[1]); step++) {
        try {
          act(store, waiting, step);
        } catch (IOException full) {
          OUT.println("full " + step % 4);
        }
      }
    }
  }

  private static void act(PhoneStore store, Deque<Outgoing> waiting, int step) throws IOException {
    Position here = new Position(504_542_000, 39_523_000, 12, 0, 1);
    if (step % 4 < 2) {
      long button = store.buttonHighest() + 1;
      Message press = new Message(Kind.PRESS, 0, step, here, null, null, null, null, null);
      Outgoing kept = store.doAddPress(button, press);
      waiting.add(kept);
      OUT.println("kept " + kept.counter() + " " + Bytes.toHex(kept.data()) + " " + button);
    } else if (step % 4 == 2) {
      Message place = new Message(Kind.POSITION, 0, step, here, null, null, null, null, null);
      Outgoing added = store.doAdd(place);
      OUT.println("added " + added.counter() + " " + Bytes.toHex(added.data()));
    } else if (waiting.size() > 3) {
      Outgoing sent = waiting.remove();
      // The server has it from now on, whatever becomes of the phone.
      OUT.println("sent " + sent.counter());
      String alarm = store.kid() + "-" + sent.counter();
      store.doTakeReceipt(sent, new Receipt(1, alarm, 5, "received", 0, Collections.emptyList(), ""), 1);
      Outgoing other = store.nextOther(Set.of());
      if (other == null) {
        return;
      }
      store.doTakeReceipt(other, new Receipt(1, alarm, 5, "received", 0, Collections.emptyList(), ""), 1);
      store.forgetWhatIsOver();
    }
  }
}
