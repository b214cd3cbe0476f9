package egide.core.engine;

import egide.core.protocol.Bytes;
import egide.core.protocol.Kind;
import egide.core.protocol.Offer;
import egide.core.protocol.Receipt;
import egide.core.rules.Armed;
import egide.core.rules.Rules;
import egide.core.store.PhoneStore;
import egide.core.time.Loop;
import java.io.IOException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Which press is a test: the next one, where her code armed it, or an officer did before the kit was handed out. Only
 * in memory: a restart leaves nothing armed. Its model is src/egide/companion/officers.py.
 */
final class Arming {
  private final Loop loop;
  private final PhoneStore store;
  private final Consumer<String> note;
  private final Reporter reporter;
  private final BooleanSupplier alarmIsOpen;
  private Armed armed = Armed.NONE;

  /** `note` says a word to the zone (protocol/Notice.java). */
  Arming(Loop loop, PhoneStore store, Consumer<String> note, Reporter reporter, BooleanSupplier alarmIsOpen) {
    this.loop = loop;
    this.store = store;
    this.note = note;
    this.reporter = reporter;
    this.alarmIsOpen = alarmIsOpen;
  }

  /** By her code, for `lastsUs`; 0 ends that, and nothing that an officer armed. */
  void arm(long lastsUs) {
    if (lastsUs != 0) {
      armed = new Armed(loop.nowUs(), loop.nowUs() + lastsUs, 0);
    } else if (armed.number() == 0) {
      armed = Armed.NONE;
    }
  }

  /**
   * Kind and body of a press; null where nobody knows how old it is. Whatever it was, the next one is real again. It
   * may be up to `earlierUs` older than it says.
   */
  Draft made(Long pressedAtUs, long earlierUs) {
    Armed was = armed;
    armed = Armed.NONE;
    if (!Rules.isTest(pressedAtUs, was, alarmIsOpen.getAsBoolean(), earlierUs)) {
      return new Draft(Kind.PRESS);
    }
    Draft test = new Draft(Kind.TEST);
    return was.number() == 0 ? test : test.saying(Bytes.utf8(Offer.BY_OFFICER + was.number()));
  }

  /**
   * Takes what the reply to a sign of life says of an officer's test; whether one was armed. Each number is armed once,
   * and goes as soon as a reply no longer names it: taken back, over, or in an alarm.
   */
  boolean take(Receipt receipt) {
    Offer offer = Offer.in(receipt);
    letGo(offer == null ? 0 : offer.number());
    if (offer == null || offer.number() <= store.officersTest() || alarmIsOpen.getAsBoolean()) {
      return false;
    }
    try {
      store.doNoteOfficersTest(offer.number());
    } catch (IOException error) {
      // What could be armed again after a restart is not armed at all.
      reporter.report("phone.not_stored", Facts.of("reason", String.valueOf(error.getMessage())));
      return false;
    }
    armed = new Armed(loop.nowUs(), loop.nowUs() + Rules.TEST_LASTS_US, offer.number());
    reporter.report("phone.test_armed_by_officer", Facts.of("number", offer.number()));
    note.accept(Offer.ARMED + offer.number());
    return true;
  }

  /** An officer's test ends unless the one with the number `stands` is still meant. */
  private void letGo(long stands) {
    long number = armed.number();
    if (number == 0 || number == stands) {
      return;
    }
    boolean isNews = isWaiting();
    armed = Armed.NONE;
    if (isNews) {
      note.accept(Offer.LET_GO + number);
    }
  }

  /** Whether an officer's test waits for its press. */
  private boolean isWaiting() {
    long nowUs = loop.nowUs();
    return armed.number() != 0 && armed.fromUs() <= nowUs && nowUs < armed.untilUs();
  }

  /** Until the next sign of life at rest: soon while an officer may take a test back. */
  long pauseUs(long intervalUs) {
    return isWaiting() ? Math.min(intervalUs, Rules.ARMED_TELL_US) : intervalUs;
  }
}
