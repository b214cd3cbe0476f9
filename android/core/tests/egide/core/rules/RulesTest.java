package egide.core.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import egide.core.protocol.ButtonFrame;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the phone decides, at the edges of each decision. */
final class RulesTest {
  private static final Armed ARMED = new Armed(1_000, 5_000, 0);

  private static boolean isTest(Long atUs, boolean alarmIsOpen, long earlierUs) {
    return Rules.isTest(atUs, ARMED, alarmIsOpen, earlierUs);
  }

  @Test
  void rule20APressIsATestOnlyWhileOneIsArmedAndNoAlarmIsOpen() {
    assertTrue(isTest(1_000L, false, 0));
    assertTrue(isTest(4_999L, false, 0));
    assertFalse(isTest(999L, false, 0));
    assertFalse(isTest(5_000L, false, 0));
    assertFalse(isTest(1_000L, false, 1));
    assertFalse(isTest(1_000L, true, 0));
    assertFalse(isTest(null, false, 0));
    assertFalse(Rules.isTest(0L, Armed.NONE, false, 0));
  }

  @Test
  void aFrameIsNewKeptOrHeldBack() {
    ButtonFrame frame = new ButtonFrame(5, 2000, 0L, null);
    assertEquals(Verdict.ACCEPT, Rules.judge(frame, 4, false));
    assertEquals(Verdict.DUPLICATE, Rules.judge(frame, 5, true));
    assertEquals(Verdict.ACCEPT, Rules.judge(frame, 68, false));
    assertEquals(Verdict.REPLAY, Rules.judge(frame, 69, false));
    assertEquals(Verdict.DUPLICATE, Rules.judge(frame, 69, true));
  }

  @Test
  void pausesDoubleUpToTheirLimitAndAreOfRandomLength() {
    assertEquals(Rules.SHORTEST_PAUSE_US, Rules.pauseUs(1, Rules.LONGEST_PAUSE_US, 0));
    assertEquals(500_000, Rules.pauseUs(1, Rules.LONGEST_PAUSE_US, 1));
    assertEquals(1_000_000, Rules.pauseUs(2, Rules.LONGEST_PAUSE_US, 1));
    assertEquals(Rules.LONGEST_PAUSE_US, Rules.pauseUs(40, Rules.LONGEST_PAUSE_US, 1));
    assertEquals(Rules.LONGEST_PRESS_PAUSE_US, Rules.pauseUs(6, Rules.LONGEST_PRESS_PAUSE_US, 1));
  }

  @Test
  void whatAServerSaysOfTheTimeHasBounds() {
    long[][] said = {{1, 1}, {3, 3}, {15, 15}, {16, 15}, {3600, 15}, {0, 1}, {999_999_999, 15}};
    for (long[] each : said) {
      assertEquals(each[1] * 1_000_000, Rules.waitUs(Long.toString(each[0])));
    }
    for (String odd : List.of("", "-1", "1.5", "soon", "9999999999", "٣", "Sun, 06 Nov 1994 08:49:37 GMT")) {
      assertEquals(Rules.SHORTEST_WAIT_US, Rules.waitUs(odd), odd);
    }
  }

  @Test
  void theFirstPositionsOfAnAlarmComeQuickerUntilSomebodyHasSeenIt() {
    assertEquals(1_000_000, Rules.tellAfterUs(5_000_000, "received", 9));
    assertEquals(5_000_000, Rules.tellAfterUs(5_000_000, "received", 10));
    assertEquals(5_000_000, Rules.tellAfterUs(5_000_000, "acknowledged", 1));
    assertEquals(5_000_000, Rules.tellAfterUs(5_000_000, "closed", 1));
  }

  @Test
  void aTestIsDueAfterThirtyDays() {
    assertTrue(Rules.testIsDue(null, 0));
    assertFalse(Rules.testIsDue(0L, Rules.TEST_DUE_US));
    assertTrue(Rules.testIsDue(0L, Rules.TEST_DUE_US + 1));
  }

  @Test
  void theServersCounterIsFollowedUpwardsAndOverNoLeap() {
    assertEquals(7, Rules.nextCounter(5, 7));
    assertEquals(5, Rules.nextCounter(5, 4));
    assertEquals(1_000_005, Rules.nextCounter(5, 1_000_005));
    assertEquals(5, Rules.nextCounter(5, 1_000_006));
  }

  @Test
  void aCodeHasFourToEightDigits() {
    assertTrue(Rules.isPin("0000") && Rules.isPin("12345678"));
    for (String bad : List.of("", "123", "123456789", "12a4", "１２３４", " 1234", "1234\n")) {
      assertFalse(Rules.isPin(bad), bad);
    }
  }
}
