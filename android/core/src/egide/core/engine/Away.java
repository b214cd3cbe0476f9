package egide.core.engine;

import egide.core.protocol.Kind;
import egide.core.rules.Rules;
import egide.core.store.Outgoing;
import egide.core.time.Loop;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which messages wait in their order because no server can take them now (docs/decisions/0102). A kind waits as a whole: an
 * intake whose journal is away keeps places and refuses notices. In memory alone; its model is src/egide/companion/sending/away.py.
 */
final class Away {
  /** A server that takes other messages and none of these times this one means the message after all. */
  private static final int MEANT_AFTER = 10;

  private final Loop loop;
  private final Runnable again;
  private final Map<Kind, Word> words = new HashMap<>();
  final Set<Kind> kinds = new HashSet<>();
  private long taken;
  private Loop.Timer end;
  private boolean isNear;

  /**
   * That a server is away was the answer to the message `counter`: so many `times`, and others were taken between. `taken`: how
   * many messages had been taken then.
   */
  private record Word(long counter, int times, long taken) {}

  /** `again` follows when the wait is over: what waited has its turn. */
  Away(Loop loop, Runnable again) {
    this.loop = loop;
    this.again = again;
  }

  /**
   * Whether this further answer means the message and not the server. Behind another kind that waits it means the server: what
   * has its turn only then would be asked only while the server is away.
   */
  boolean means(Outgoing message) {
    if (!kinds.isEmpty()) {
      return false;
    }
    Word word = words.get(message.kind());
    if (word == null || word.counter != message.counter()) {
      word = new Word(message.counter(), 1, taken);
    } else if (word.taken < taken) {
      word = new Word(word.counter, word.times + 1, taken);
    }
    words.put(message.kind(), word);
    if (word.times < MEANT_AFTER) {
      return false;
    }
    words.remove(message.kind());
    return true;
  }

  /** What is of this kind waits; `pauseUs` holds where nothing waited yet. */
  void await(Kind kind, long pauseUs) {
    if (kinds.isEmpty()) {
      isNear = false;
      endIn(pauseUs);
    }
    kinds.add(kind);
  }

  /** A server took something, so it may take the rest. */
  void noteTaken() {
    taken++;
    if (!kinds.isEmpty() && !isNear) {
      isNear = true;
      endIn(Rules.SHORTEST_WAIT_US);
    }
  }

  private void endIn(long us) {
    stop();
    end = loop.after(us, this::end);
  }

  /** All has its turn again. */
  void end() {
    if (!kinds.isEmpty()) {
      stop();
      kinds.clear();
      again.run();
    }
  }

  void stop() {
    if (end != null) {
      end.cancel();
    }
  }
}
