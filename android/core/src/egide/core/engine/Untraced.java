package egide.core.engine;

import egide.core.protocol.Kind;
import egide.core.protocol.Receipt;
import egide.core.rules.Rules;
import egide.core.store.Outgoing;
import egide.core.time.Loop;
import egide.core.transport.Outcome;
import java.io.IOException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What is sent from memory alone: nothing on the disk says which code was entered, nor that anything was sent.
 *
 * An alarm that a code under threat opened is followed here as long as the process lives. Its model is
 * src/egide/companion/sending/untraced.py.
 */
final class Untraced {
  /** How a message that is never kept is signed, sent and reported; the core has all of it. */
  interface Ways {
    /** Throws IOException when no counter was reserved, nor can be. */
    Outgoing sealUntraced(Draft draft) throws IOException;

    boolean hasPosition();

    void onUntracedClosed();

    void onUntracedFailed(IOException error);
  }

  private final Ways ways;
  private final Attempts attempts;
  private final LongSupplier intervalUs;
  private final Chance chance;
  private final Signal hurry;
  private final Signal told;
  private final Signal limit;
  /** Which alarm is followed, that the disk knows nothing of; 0 for none. */
  private int following;
  private int turns;

  /** `intervalUs`: between two positions of an alarm. */
  Untraced(Loop loop, Ways ways, Attempts attempts, LongSupplier intervalUs, Chance chance) {
    this.ways = ways;
    this.attempts = attempts;
    this.intervalUs = intervalUs;
    this.chance = chance;
    this.hurry = new Signal(loop);
    this.told = new Signal(loop);
    this.limit = new Signal(loop);
  }

  boolean isFollowing() {
    return following != 0;
  }

  /** `then` gets whether the server signed for it at once; else it is tried again until it does. */
  void say(Draft draft, Consumer<Boolean> then) throws IOException {
    Outgoing message = ways.sealUntraced(draft);
    if (draft.kind == Kind.PRESS) {
      follow(message.counter());
    }
    // A limit passes; a press waits for none.
    Attempts.Patience patience = (status, waitUs) ->
        status == Outcome.LIMITED ? () -> limit.await(waitUs, () -> sayAgain(message, then)) : null;
    attempt(message, draft.kind == Kind.PRESS ? null : patience, first -> {
      if (first == null) {
        // An answer that was lost once is no missing network.
        sayAgain(message, then);
      } else {
        then.accept(true);
      }
    });
  }

  private void sayAgain(Outgoing message, Consumer<Boolean> then) {
    attempt(message, null, second -> {
      if (second == null) {
        again(message, 1);
      }
      then.accept(second != null);
    });
  }

  /** Said once: what comes after it says it better. */
  void tell(Draft draft) throws IOException {
    attempt(ways.sealUntraced(draft), null, receipt -> {});
  }

  /** Tells where she is until the alarm is closed. `press`: the counter of the press that opened it; null if unknown. */
  void follow(Long press) {
    if (following == 0) {
      turns++;
      following = turns;
      keepTelling(turns, press, "", 1);
    }
  }

  private void keepTelling(int turn, Long press, String state, int times) {
    told.await(Rules.tellAfterUs(intervalUs.getAsLong(), state, times), () -> {
      if (following != turn) {
        return;
      }
      Kind kind = ways.hasPosition() ? Kind.POSITION : Kind.HEARTBEAT;
      Outgoing message;
      try {
        message = ways.sealUntraced(new Draft(kind).of(press));
      } catch (IOException error) {
        // With the next position there may be room for counters again.
        ways.onUntracedFailed(error);
        keepTelling(turn, press, state, times + 1);
        return;
      }
      attempt(message, null, receipt -> {
        // Nothing that it could belong to is open any more.
        if (receipt != null && receipt.alarm().isEmpty()) {
          end();
        }
        keepTelling(turn, press, receipt == null ? state : receipt.state(), times + 1);
      });
    });
  }

  /** `patience`: null for what does not wait. */
  private void attempt(Outgoing message, Attempts.Patience patience, Consumer<Receipt> then) {
    attempts.attempt(message, false, patience, receipt -> {
      if (receipt != null && receipt.state().equals("closed")) {
        end();
      }
      then.accept(receipt);
    });
  }

  private void end() {
    if (following != 0) {
      following = 0;
      told.set();
      ways.onUntracedClosed();
    }
  }

  private void again(Outgoing message, int failures) {
    long pauseUs = Rules.pauseUs(failures, Rules.LONGEST_PRESS_PAUSE_US, chance.next());
    hurry.await(pauseUs, () -> attempt(message, null, receipt -> {
      if (receipt == null) {
        again(message, failures + 1);
      }
    }));
  }

  void hurry() {
    hurry.set();
    told.set();
  }

  void stop() {
    following = 0;
    hurry.stop();
    told.stop();
    limit.stop();
  }
}
