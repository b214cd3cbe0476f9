package egide.core.engine;

import egide.core.protocol.Kind;
import egide.core.protocol.Receipt;
import egide.core.store.Outgoing;
import egide.core.store.PhoneStore;
import egide.core.time.Loop;
import egide.core.transport.Outcome;
import egide.core.transport.Sender;
import java.io.IOException;
import java.util.Map;
import java.util.function.Consumer;

/** One attempt to give a message to the servers, and whom it concerns what came of it. */
final class Sending implements Attempts {
  private final Sender sender;
  private final PhoneStore store;
  private final Loop loop;
  private final Reporter reporter;
  private final Listener listener;
  private final Told told;

  /** Those whom a receipt tells something. */
  record Told(TextPresses texts, Telling telling, KitSettings kit, Arming arming) {}

  Sending(Sender sender, PhoneStore store, Loop loop, Reporter reporter, Listener listener, Told told) {
    this.sender = sender;
    this.store = store;
    this.loop = loop;
    this.reporter = reporter;
    this.listener = listener;
    this.told = told;
  }

  @Override
  public void attempt(Outgoing message, boolean isKept, Patience patience, Consumer<Receipt> then) {
    sender.send(message.data(), new Outcome<Receipt>() {
      @Override
      public void onAnswer(Receipt receipt) {
        try {
          if (isKept) {
            takeReceipt(message, receipt);
          } else {
            listener.onReceipt(message, receipt);
          }
        } catch (IOException error) {
          reportNotStored(error, Facts.of());
          then.accept(null);
          return;
        }
        then.accept(receipt);
      }

      @Override
      public void onRefusal(int status, String reason) {
        listener.onRefused(status);
        reporter.report(
            "phone.refused", Facts.of("counter", message.counter(), "status", (long) status, "reason", reason));
        noteRefusal(message, status);
        then.accept(null);
      }

      @Override
      public void onLater(int status, String reason, long waitUs) {
        Runnable waiting = patience == null ? null : patience.waiting(status, waitUs);
        if (waiting == null) {
          onRefusal(status, reason);
          return;
        }
        reportWait(message, status, waitUs);
        waiting.run();
      }

      @Override
      public void onUnreachable() {
        listener.onUnreachable();
        told.texts.hurry(message.counter());
        then.accept(null);
      }
    });
  }

  /** A limit passes by itself, and nobody need know; that no server can take anything is shown like a refusal. */
  private void reportWait(Outgoing message, int status, long waitUs) {
    Map<String, Object> facts = Facts.of("counter", message.counter(), "wait_s", waitUs / 1_000_000);
    if (status == Outcome.LIMITED) {
      reporter.report("phone.limited", facts);
      return;
    }
    facts.put("status", (long) status);
    listener.onRefused(status);
    reporter.report("phone.away", facts);
  }

  /** Of a message that is not kept the store has nothing to note it in; a disk that refuses costs only the order. */
  private void noteRefusal(Outgoing message, int status) {
    try {
      store.doNoteRefusal(message.counter(), status);
    } catch (IOException error) {
      reportNotStored(error, Facts.of());
    }
  }

  private void takeReceipt(Outgoing message, Receipt receipt) throws IOException {
    boolean isNews = store.doTakeReceipt(message, receipt, loop.nowUs());
    // Once all that the receipt brings is told.
    loop.soon(store::forgetWhatIsOver);
    if (message.kind() == Kind.PRESS) {
      told.texts.end(message.counter());
      reporter.report(
          "phone.receipt", Facts.of("alarm", receipt.alarm(), "seq", receipt.seq(), "at_us", loop.nowUs()));
      // The first position follows at once: its reply also says how far the alarm is.
      told.telling.now();
    }
    if (message.kind() == Kind.HEARTBEAT && takesNews(receipt)) {
      // The button gets its hold time, and the next sign of life is due by what holds now.
      told.telling.now();
    }
    listener.onReceipt(message, receipt);
    if (isNews) {
      listener.onState(receipt);
    }
  }

  private boolean takesNews(Receipt receipt) throws IOException {
    boolean hasArmed = told.arming.take(receipt);
    return receipt.alarm().isEmpty() && told.kit.take(receipt) || hasArmed;
  }

  void reportNotStored(Exception error, Map<String, Object> facts) {
    facts.put("reason", String.valueOf(error.getMessage()));
    reporter.report("phone.not_stored", facts);
  }
}
