package egide.core.engine;

import egide.core.protocol.Bytes;
import egide.core.protocol.Cbor;
import egide.core.protocol.CborError;
import egide.core.protocol.Compartments;
import egide.core.protocol.Enrolment;
import egide.core.protocol.Opening;
import egide.core.protocol.Page;
import egide.core.rules.Rules;
import egide.core.store.Choices;
import egide.core.store.PhoneStore;
import egide.core.time.Loop;
import egide.core.transport.Outcome;
import egide.core.transport.Sender;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * The two codes: what they open, how they are chosen, and the page that is open now (decision 0029). Its model is
 * src/egide/companion/codes.py.
 */
public final class Codes {
  private static final int TOO_MANY_REQUESTS = 429;

  /** What a code is: one of the two, another, or not to be known now: no network, or too many different ones. */
  enum Kind {
    OWN,
    THREAT,
    WRONG,
    OFFLINE,
    OFTEN
  }

  /** How the choosing of both codes ended. */
  public interface Chosen {
    void onChosen();

    /** The codes of before hold. `word`: OFFLINE, OFTEN (no server gave its half) or NOT_STORED. */
    void onFailed(String word, String reason);
  }

  private record Kept(byte[] salt, Compartments compartments) {}

  private final Loop loop;
  private final PhoneStore store;
  private final Sender sender;
  private final Compartments.Fresh fresh;
  private final BiFunction<String, byte[], byte[]> stretching;
  private Compartments.Opened open;
  /** What came while no page was open is written into the next that is. */
  private Long unwrittenTestMs;

  /** `stretching`: the slow step from a code and a salt to 32 bytes, made elsewhere. */
  Codes(
      Loop loop,
      PhoneStore store,
      Sender sender,
      Compartments.Fresh fresh,
      BiFunction<String, byte[], byte[]> stretching) {
    this.loop = loop;
    this.store = store;
    this.sender = sender;
    this.fresh = fresh;
    this.stretching = stretching;
  }

  Page page() {
    Page page = open == null ? new Page("", "", null) : open.page();
    return unwrittenTestMs == null ? page : new Page(page.kit(), page.button(), unwrittenTestMs);
  }

  /** Whether anything opens with a code here. */
  boolean areChosen() {
    return store.hasCodes();
  }

  /** Locks what a code opened. */
  void close() {
    open = null;
  }

  /** What `code` is. */
  void enter(String code, Consumer<Kind> then) {
    Kept kept = kept();
    if (kept == null) {
      // Chosen ones that cannot be read now are no wrong ones.
      then.accept(areChosen() ? Kind.OFFLINE : Kind.WRONG);
      return;
    }
    key(code, kept.salt, new Outcome<byte[]>() {
      @Override
      public void onAnswer(byte[] key) {
        Compartments.Opened found = kept.compartments.opened(key);
        if (found == null) {
          then.accept(Kind.WRONG);
          return;
        }
        // A code that is asked for on an open page changes nothing of it.
        open = open == null ? found : open;
        then.accept(found.isThreat() ? Kind.THREAT : Kind.OWN);
      }

      @Override
      public void onRefusal(int status, String reason) {
        then.accept(status == TOO_MANY_REQUESTS ? Kind.OFTEN : Kind.OFFLINE);
      }

      @Override
      public void onUnreachable() {
        then.accept(Kind.OFFLINE);
      }
    });
  }

  /** Sets both codes; what is read with a code lies under them from then on. Throws IllegalArgumentException. */
  void choose(String own, String threat, Choosing choosing, Chosen chosen) {
    if (!Rules.isPin(own) || !Rules.isPin(threat)) {
      throw new IllegalArgumentException("a code has four to eight digits");
    }
    if (own.equals(threat)) {
      throw new IllegalArgumentException("the two codes must differ");
    }
    if (areChosen() && open == null) {
      throw new IllegalArgumentException("there are codes already: unlock first");
    }
    keep(own, threat, toHide(choosing.now()), choosing, chosen);
  }

  /** What lies under the codes: the page that is open, or what was read without a code so far. */
  private Page toHide(Choices choices) {
    Enrolment enrolment = store.enrolment();
    if (areChosen() || enrolment == null) {
      return page();
    }
    Long testedAtMs = choices.testedAtUs() == null ? null : (Long) Math.floorDiv(choices.testedAtUs(), 1000L);
    return new Page(enrolment.kit(), enrolment.buttonId(), testedAtMs);
  }

  /** Keeps the codes and what is chosen with them, all or nothing. */
  private void keep(String own, String threat, Page page, Choosing choosing, Chosen chosen) {
    byte[] salt = fresh.bytes(Opening.SALT_BYTES);
    key(own, salt, failing(chosen, ownKey -> key(threat, salt, failing(chosen, threatKey -> {
      Compartments compartments = Compartments.sealed(ownKey, threatKey, page, fresh);
      // What is chosen now: it may be another than before the server was asked.
      Choices choices = choosing.now().tested(null);
      try {
        store.doSetCodes(written(new Kept(salt, compartments)), choices);
      } catch (IOException error) {
        chosen.onFailed("NOT_STORED", String.valueOf(error.getMessage()));
        return;
      }
      open = compartments.opened(ownKey);
      unwrittenTestMs = null;
      choosing.onKept(choices);
      chosen.onChosen();
    }))));
  }

  private static Outcome<byte[]> failing(Chosen chosen, Consumer<byte[]> then) {
    return new Outcome<byte[]>() {
      @Override
      public void onAnswer(byte[] key) {
        then.accept(key);
      }

      @Override
      public void onRefusal(int status, String reason) {
        chosen.onFailed(status == TOO_MANY_REQUESTS ? "OFTEN" : "OFFLINE", status + " " + reason);
      }

      @Override
      public void onUnreachable() {
        chosen.onFailed("OFFLINE", "no address answered");
      }
    };
  }

  /** A test got through: kept on the page that is open. Both compartments look new, whichever it is. */
  void noteTest(long atMs) throws IOException {
    unwrittenTestMs = atMs;
    Kept kept = kept();
    if (open == null || kept == null) {
      return;
    }
    Page page = page();
    store.doKeepCodes(written(new Kept(kept.salt, kept.compartments.rewritten(open, page, fresh))));
    open = new Compartments.Opened(open.at(), open.isThreat(), open.pageKey(), open.sharedKey(), page);
    unwrittenTestMs = null;
  }

  private void key(String code, byte[] salt, Outcome<byte[]> outcome) {
    loop.elsewhere(() -> stretching.apply(code, salt), stretch -> {
      String request = Opening.request(Opening.tagOf(stretch), store.key());
      sender.open(request, new Outcome<byte[]>() {
        @Override
        public void onAnswer(byte[] part) {
          outcome.onAnswer(Opening.keyOf(stretch, part));
        }

        @Override
        public void onRefusal(int status, String reason) {
          outcome.onRefusal(status, reason);
        }

        @Override
        public void onUnreachable() {
          outcome.onUnreachable();
        }
      });
    });
  }

  private static byte[] written(Kept kept) {
    Compartments.Compartment first = kept.compartments.first();
    Compartments.Compartment second = kept.compartments.second();
    return Cbor.encode(Arrays.asList(kept.salt, first.head(), first.page(), second.head(), second.page()));
  }

  private Kept kept() {
    byte[] data = store.codes();
    if (data == null) {
      return null;
    }
    try {
      List<?> parts = (List<?>) Cbor.decode(data);
      return new Kept(
          (byte[]) parts.get(0),
          new Compartments(
              new Compartments.Compartment((byte[]) parts.get(1), (byte[]) parts.get(2)),
              new Compartments.Compartment((byte[]) parts.get(3), (byte[]) parts.get(4))));
    } catch (CborError error) {
      // Whatever is in the log was written here, behind a checksum.
      throw new IllegalStateException(Bytes.toHex(data), error);
    }
  }
}
