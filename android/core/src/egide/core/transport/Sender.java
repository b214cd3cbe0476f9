package egide.core.transport;

import egide.core.protocol.Bytes;
import egide.core.protocol.Enrolment;
import egide.core.protocol.Json;
import egide.core.protocol.JsonError;
import egide.core.protocol.Opening;
import egide.core.protocol.Pinned;
import egide.core.protocol.Receipt;
import egide.core.rules.Rules;
import egide.core.time.Loop;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Carries signed messages to the server: each address in turn, the same bytes each time, until a receipt verifies. It
 * begins with the address that answered last. Its model is src/egide/companion/sending/sender.py.
 */
public final class Sender {
  private static final String COSE = "application/cose", JSON = "application/json";

  private final Loop loop;
  private final Http http;
  private final List<String> servers = new ArrayList<>();
  private final Everywhere.LastGood lastGood = new Everywhere.LastGood();
  private Pinned pinned = new Pinned(new byte[0]);
  private Consumer<Pinned> keep = ignored -> {};

  /** How the body of an answer is read. */
  private interface Body<T> {
    T read(byte[] answer) throws JsonError;
  }

  /** A receipt that no pinned key signed, and who gave it. */
  private record Unproven(String server, Receipt receipt) {}

  /** `servers`: see Rules.checkServer, IllegalArgumentException. No receipt is believed before `trust`. */
  public Sender(Loop loop, Http http, List<String> servers) {
    this.loop = loop;
    this.http = http;
    for (String url : servers) {
      add(Rules.checkServer(url));
    }
  }

  private void add(String server) {
    if (!servers.contains(server)) {
      servers.add(server);
    }
  }

  /**
   * From now on use the enrolled addresses too, and believe this server key alone, or the one that was pinned `ahead`.
   * `keep` is told when another is believed. Gives the enrolled addresses that may not be used.
   */
  public List<String> trust(Enrolment enrolment, byte[] ahead, Consumer<Pinned> keep) {
    this.pinned = new Pinned(enrolment.serverKey(), ahead);
    this.keep = keep;
    List<String> refused = new ArrayList<>();
    for (String url : enrolment.servers()) {
      try {
        add(Rules.checkServer(url));
      } catch (IllegalArgumentException error) {
        refused.add(url);
      }
    }
    return refused;
  }

  /** `request`: see Enrolment.request. Refused when the code is not (or no longer) valid. */
  public void enrol(String request, Outcome<Enrolment> outcome) {
    everywhere("/v1/enrolments", JSON, Bytes.utf8(request), false, 0, (answer, server) ->
        read("an enrolment", Enrolment::read, answer), outcome);
  }

  /** The server's half (32 bytes) of what a code opens. `request`: see Opening.request. */
  public void open(String request, Outcome<byte[]> outcome) {
    everywhere("/v1/openings", JSON, Bytes.utf8(request), false, 0, (answer, server) ->
        read("a half", Opening::part, answer), outcome);
  }

  /**
   * The receipt for exactly these bytes, signed by the pinned key or one that it was handed on to. Refused as "kept"
   * (202) when no address gave more than the word that it keeps them.
   */
  public void send(byte[] envelope, Outcome<Receipt> outcome) {
    List<Unproven> unproven = new ArrayList<>();
    Outcome<Receipt> proving = new Outcome<>() {
      @Override
      public void onAnswer(Receipt receipt) {
        outcome.onAnswer(receipt);
      }

      @Override
      public void onRefusal(int status, String reason) {
        // Only when no address gave a good one: nobody in our name holds up a press by it.
        prove(unproven, envelope, outcome, () -> outcome.onRefusal(status, reason));
      }

      @Override
      public void onLater(int status, String reason, long waitUs) {
        prove(unproven, envelope, outcome, () -> outcome.onLater(status, reason, waitUs));
      }

      @Override
      public void onUnreachable() {
        outcome.onUnreachable();
      }
    };
    everywhere("/v1/messages", COSE, envelope, true, Rules.BESIDE_US, (answer, server) -> {
      Receipt receipt = read("a receipt", Receipt::read, answer);
      if (!believes(pinned.after(receipt, envelope))) {
        unproven.add(new Unproven(server, receipt));
        throw new Everywhere.NotTaken(Everywhere.TAKEN, "the receipt is not signed by our server");
      }
      if (receipt.state().equals(Receipt.KEPT)) {
        throw new Everywhere.NotTaken(Everywhere.ACCEPTED, Receipt.KEPT);
      }
      return receipt;
    }, proving);
  }

  private <T> void everywhere(
      String path,
      String contentType,
      byte[] body,
      boolean mayBeKept,
      long besideUs,
      Everywhere.Reading<T> reading,
      Outcome<T> outcome) {
    Http.Request question = new Http.Request(path, contentType, body);
    new Everywhere<>(loop, http, servers, lastGood, question, mayBeKept, besideUs, reading, outcome).ask();
  }

  /** `what` it should be, for whoever reads why it was not taken. */
  private static <T> T read(String what, Body<T> body, byte[] answer) throws Everywhere.NotTaken {
    try {
      return body.read(answer);
    } catch (JsonError error) {
      throw new Everywhere.NotTaken(Everywhere.TAKEN, "not " + what + ": " + error.getMessage());
    }
  }

  /** Whether there is a key to believe; another one than before is kept first. */
  private boolean believes(Pinned found) {
    if (found != null && !found.isSameAs(pinned)) {
      keep.accept(found);
      pinned = found;
    }
    return found != null;
  }

  /**
   * Goes along the chain of keys that each of these servers tells; the first whose key is ours is believed. `unbelieved`
   * follows where none is.
   */
  private void prove(
      List<Unproven> unproven, byte[] envelope, Outcome<Receipt> outcome, Runnable unbelieved) {
    if (unproven.isEmpty()) {
      unbelieved.run();
      return;
    }
    Unproven first = unproven.remove(0);
    http.ask(new Http.Request(first.server + "/v1/receipt-keys", null, null), new Http.Waiting() {
      @Override
      public void onAnswer(int answered, byte[] answer) {
        if (!believes(pinned.along(linksIn(answer), first.receipt, envelope))) {
          prove(unproven, envelope, outcome, unbelieved);
        } else if (first.receipt.state().equals(Receipt.KEPT)) {
          outcome.onRefusal(Everywhere.ACCEPTED, Receipt.KEPT);
        } else {
          outcome.onAnswer(first.receipt);
        }
      }

      @Override
      public void onSilence() {
        prove(unproven, envelope, outcome, unbelieved);
      }
    });
  }

  private static List<String> linksIn(byte[] answer) {
    try {
      return Json.readFields(answer).texts("keys");
    } catch (JsonError error) {
      return new ArrayList<>();
    }
  }
}
