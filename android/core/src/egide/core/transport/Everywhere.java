package egide.core.transport;

import egide.core.protocol.Fields;
import egide.core.protocol.Json;
import egide.core.protocol.JsonError;
import egide.core.protocol.Receipt;
import egide.core.rules.Rules;
import egide.core.time.Loop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One question to each server in turn, until the first whose answer is taken. A refusal is kept in mind while the other
 * addresses are tried: a server in our name without its key must not hold up a press, nor one that has no journal now.
 * One that says nothing for a while is not waited for alone: the next is asked beside it (decision 0072).
 */
final class Everywhere<T> {
  /** Makes of an answer what was asked for. */
  interface Reading<T> {
    T read(byte[] answer, String server) throws NotTaken;
  }

  /** An answer that cannot be relied on, as if it were a refusal. */
  static final class NotTaken extends Exception {
    private final int status;
    /** 0 but for what passes in so long: a limit, a server that is away. */
    private final long waitUs;

    NotTaken(int status, String reason) {
      this(status, reason, 0);
    }

    NotTaken(int status, String reason, long waitUs) {
      super(reason);
      this.status = status;
      this.waitUs = waitUs;
    }

    /** Who keeps it counts before a limit, which passes, and that before a server that is away and comes back. */
    private int weight() {
      if (status == ACCEPTED && getMessage().equals(Receipt.KEPT)) {
        return 3;
      }
      if (status == Outcome.LIMITED) {
        return 2;
      }
      return isAway(status) ? 1 : 0;
    }
  }

  static final int TAKEN = 201, ACCEPTED = 202;
  private static final long FOREVER = 0;

  private final Loop loop;
  private final Http http;
  private final List<String> servers;
  private final String path;
  private final String contentType;
  private final byte[] body;
  private final boolean mayBeKept;
  private final long besideUs;
  private final Reading<T> reading;
  private final Outcome<T> outcome;
  private final LastGood lastGood;
  private final List<Integer> waiting = new ArrayList<>();
  private final Map<Integer, Http.Call> asked = new HashMap<>();
  private Loop.Timer patience;
  private NotTaken refusal;

  /** Which address answered last: the first to be asked next. */
  static final class LastGood {
    private int index;
  }

  /** `besideUs`: 0 where each is waited for alone. `mayBeKept`: whether the word that it is kept is an answer. */
  Everywhere(
      Loop loop,
      Http http,
      List<String> servers,
      LastGood lastGood,
      Http.Request question,
      boolean mayBeKept,
      long besideUs,
      Reading<T> reading,
      Outcome<T> outcome) {
    this.loop = loop;
    this.http = http;
    this.servers = servers;
    this.lastGood = lastGood;
    this.path = question.url();
    this.contentType = question.contentType();
    this.body = question.body();
    this.mayBeKept = mayBeKept;
    this.besideUs = besideUs;
    this.reading = reading;
    this.outcome = outcome;
  }

  void ask() {
    for (int step = 0; step < servers.size(); step++) {
      waiting.add((lastGood.index + step) % servers.size());
    }
    next();
  }

  /** The next address, and the one after it once this one has been silent for a while. */
  private void next() {
    if (patience != null) {
      patience.cancel();
      patience = null;
    }
    if (waiting.isEmpty()) {
      if (asked.isEmpty()) {
        end();
      }
      return;
    }
    int index = waiting.remove(0);
    if (!waiting.isEmpty() && besideUs != FOREVER) {
      patience = loop.after(besideUs, this::next);
    }
    String server = servers.get(index);
    Http.Request request = new Http.Request(server + path, contentType, body);
    asked.put(index, http.ask(request, new Http.Waiting() {
      @Override
      public void onAnswer(int status, byte[] answer) {
        onAnswer(status, answer, "");
      }

      @Override
      public void onAnswer(int status, byte[] answer, String retryAfter) {
        asked.remove(index);
        take(index, status, answer, retryAfter);
      }

      @Override
      public void onSilence() {
        asked.remove(index);
        next();
      }
    }));
  }

  private void take(int index, int status, byte[] answer, String retryAfter) {
    T read;
    try {
      if (status == Outcome.LIMITED || isAway(status)) {
        throw new NotTaken(status, reason(answer), Rules.waitUs(retryAfter));
      }
      if (status != TAKEN && !(mayBeKept && status == ACCEPTED)) {
        throw new NotTaken(status, reason(answer));
      }
      read = reading.read(answer, servers.get(index));
    } catch (NotTaken error) {
      refusal = weightier(refusal, error);
      next();
      return;
    }
    lastGood.index = index;
    if (patience != null) {
      patience.cancel();
    }
    // Theirs is of no use any more, whatever it was.
    for (Http.Call call : asked.values()) {
      call.cancel();
    }
    outcome.onAnswer(read);
  }

  private void end() {
    if (refusal == null) {
      outcome.onUnreachable();
    } else if (refusal.waitUs != 0) {
      outcome.onLater(refusal.status, refusal.getMessage(), refusal.waitUs);
    } else {
      outcome.onRefusal(refusal.status, refusal.getMessage());
    }
  }

  /** What a server, or a proxy before it, says while it can take nothing: its journal is away, its disk is full, it begins. */
  private static boolean isAway(int status) {
    return status == 502 || status == 503 || status == 504 || status == 507;
  }

  /** Which of two words counts: of equal ones what passes first, else the later. */
  private static NotTaken weightier(NotTaken one, NotTaken other) {
    if (one == null || one.weight() < other.weight()) {
      return other;
    }
    return one.weight() == other.weight() && other.waitUs <= one.waitUs ? other : one;
  }

  /** The server's word for a refusal, if it gave one. */
  private static String reason(byte[] answer) {
    try {
      Fields problem = Json.readFields(answer);
      String reason = problem.text("reason", "");
      return reason.substring(0, Math.min(reason.length(), 80));
    } catch (JsonError error) {
      return "";
    }
  }
}
