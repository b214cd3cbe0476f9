package egide.core.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import egide.core.ports.Surroundings;
import egide.core.protocol.Bytes;
import egide.core.protocol.EnvelopeError;
import egide.core.protocol.JsonError;
import egide.core.protocol.Kind;
import egide.core.protocol.LinkFlag;
import egide.core.protocol.Message;
import egide.core.protocol.TextRoad;
import egide.core.rules.Rules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the phone says of itself with each message: what its platform took away, held back, or never allowed. */
final class WithheldTest extends PlayedPlatform {
  /** The flags of the newest sign of life; every server is busy. */
  private long flags() throws EnvelopeError {
    for (int times = 0; times < 12; times++) {
      List<Waiting> unanswered = new ArrayList<>(waiting);
      waiting.clear();
      for (Waiting each : unanswered) {
        each.onAnswer(503, Bytes.utf8("{}"));
      }
      loop.runUntil(loop.steadyUs() + Rules.LONGEST_PAUSE_US / 4);
    }
    // An earlier one is said again in between.
    Message newest = Collections.max(sent(Kind.HEARTBEAT), Comparator.comparingLong(Message::counter));
    return newest.link() & ~(LinkFlag.BUTTON_PAIRED | LinkFlag.BUTTON_CONNECTED);
  }

  @Test
  void aPhoneThatLiesStillForAnHourOrHoldsTheAppBackSaysSoWithItsNextSign() throws EnvelopeError {
    enrolled();
    loop.runUntil(loop.steadyUs() + 900_000_000);
    assertEquals(0, flags());
    around.restingMs = 3_600_000;
    loop.runUntil(loop.steadyUs() + 900_000_000);
    assertEquals(LinkFlag.AT_REST, flags());
    around.restingMs = 0;
    loop.hold(4_000_000_000L);
    loop.run();
    assertEquals(LinkFlag.HELD_BACK, flags());
  }

  @Test
  void aPositionThatIsTakenBackIsSaidAtOnceAndWhenItIsAllowedAgainToo() throws EnvelopeError {
    NativePhone phone = enrolled();
    assertEquals(0, flags() & LinkFlag.POSITION_REFUSED);
    around.mayLocate = false;
    phone.onChanged();
    loop.run();
    assertEquals(LinkFlag.POSITION_REFUSED, flags() & LinkFlag.POSITION_REFUSED);
    around.mayLocate = true;
    phone.onChanged();
    loop.run();
    assertEquals(0, flags() & LinkFlag.POSITION_REFUSED);
  }

  @Test
  void whatThePlatformTookAwayIsSaidAtOnceAndThatItIsBackToo() throws EnvelopeError, JsonError {
    texts = new TextRoad("+32470000000", 7777);
    NativePhone phone = enrolled();
    assertEquals(0, flags());
    network.maySend = false;
    for (int taken : new int[] {LinkFlag.RADIO_OFF, LinkFlag.SAVER_ON, LinkFlag.RADIO_OFF | LinkFlag.SAVER_ON, 0}) {
      int before = sent(Kind.HEARTBEAT).size();
      around.withheld = taken;
      phone.onChanged();
      loop.run();
      assertEquals(taken | LinkFlag.TEXTS_REFUSED, flags());
      assertTrue(sent(Kind.HEARTBEAT).size() > before);
      assertEquals((taken & LinkFlag.RADIO_OFF) != 0, state().flag("isRadioOff"));
    }
    network.maySend = true;
    phone.onChanged();
    loop.run();
    assertEquals(0, flags());
  }

  @Test
  void aStoreThatWasDamagedIsSaidToHerAndToTheZone() throws IOException, EnvelopeError, JsonError {
    NativePhone phone = enrolled();
    assertEquals(0, flags());
    assertFalse(state().flag("isMended"));
    phone.end();
    Path log = temporary.resolve("kit/log");
    byte[] data = Files.readAllBytes(log);
    data[20] ^= 1;
    Files.write(log, data);
    for (int life = 0; life < 2; life++) {
      asked.clear();
      waiting.clear();
      started();
      loop.runUntil(loop.steadyUs() + 900_000_000);
      assertEquals(LinkFlag.STORE_MENDED, flags() & LinkFlag.STORE_MENDED);
      assertTrue(state().flag("isMended") && state().flag("isEnrolled"));
    }
  }

  @Test
  void herPageIsToldHowExactTheLastFixIsAndWhenItWas() throws JsonError {
    NativePhone phone = enrolled();
    around.fix = new Surroundings.Fix(504_542_000, 39_523_000, 12, 100_000_123L, true);
    phone.ask("{\"what\":\"state\"}");
    assertEquals(12, state().number("accuracyM"));
    assertEquals(loop.nowUs() / 1000 - 100_000_123L, state().number("fixAtMs"));
    around.fix = null;
    phone.ask("{\"what\":\"state\"}");
    assertTrue(told.get(told.size() - 1).contains("\"accuracyM\":null,\"fixAtMs\":null"));
  }

  @Test
  void textsThatTheKitHasNoNumberForAreNotMissed() throws EnvelopeError {
    network.maySend = false;
    enrolled();
    assertEquals(0, flags());
  }
}
