package egide.core.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import egide.core.protocol.Bytes;
import egide.core.protocol.Kind;
import egide.core.protocol.Offer;
import egide.core.protocol.Pending;
import egide.core.protocol.Receipt;
import egide.core.rules.Rules;
import egide.core.store.KeyMaker;
import egide.core.store.PhoneStore;
import egide.core.time.PlayedLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Safety rule 20: what an officer armed is one press for two minutes, and nothing arms it again. */
final class ArmingTest {
  private static final long NOW_S = 1_800_000_000L, SECOND_US = 1_000_000, REST_US = 900 * SECOND_US;
  private static final String OFFER = "7:1800000600";
  @TempDir
  Path temporary;

  private final PlayedLoop loop = new PlayedLoop(NOW_S * SECOND_US);
  private final List<String> said = new ArrayList<>();
  private boolean alarmIsOpen;
  private PhoneStore store;
  private Arming arming;

  @BeforeEach
  void begin() throws IOException {
    store = PhoneStore.open(temporary.resolve("log"), new KeyMaker.Soft());
    arming = new Arming(loop, store, said::add, (step, facts) -> {}, () -> alarmIsOpen);
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  private boolean take(String text, String alarm) {
    List<Pending> pending = text.isEmpty() ? Collections.emptyList() : Arrays.asList(new Pending("test", text));
    return arming.take(new Receipt(0, alarm, NOW_S * 1000, "noted", 1, pending, ""));
  }

  private Kind made() {
    return arming.made(loop.nowUs(), 0).kind;
  }

  @Test
  void rule20AnOfficersTestIsOnePressAndSaysSo() {
    assertTrue(take(OFFER, ""));
    assertEquals(Arrays.asList("test-armed:7"), said);
    assertEquals(Rules.ARMED_TELL_US, arming.pauseUs(REST_US));
    loop.hold(2 * SECOND_US);
    Draft test = arming.made(loop.nowUs(), 0);
    assertEquals(Kind.TEST, test.kind);
    assertArrayEquals(Bytes.utf8("officer:7"), test.body);
    assertEquals(Kind.PRESS, made());
    assertFalse(take(OFFER, ""), "it was armed once");
    assertEquals(Kind.PRESS, made());
  }

  @Test
  void rule20ItEndsAfterTwoMinutesOfThePhonesClock() {
    take(OFFER, "");
    loop.hold(Rules.TEST_LASTS_US);
    assertEquals(REST_US, arming.pauseUs(REST_US));
    assertEquals(Kind.PRESS, made());
  }

  @Test
  void rule20APressOfBeforeItIsRealAndSoIsTheNext() {
    take(OFFER, "");
    loop.hold(2 * SECOND_US);
    assertEquals(Kind.PRESS, arming.made(loop.nowUs() - 1_500_000, Rules.AGE_STEP_US).kind);
    assertEquals(Kind.PRESS, made());
    assertEquals(Kind.PRESS, arming.made(null, 0).kind);
  }

  @Test
  void itGoesWithTheFirstReplyThatNoLongerNamesIt() {
    take(OFFER, "");
    assertFalse(take("", ""));
    assertEquals(Arrays.asList("test-armed:7", "test-off:7"), said);
    assertEquals(Kind.PRESS, made());
  }

  @Test
  void itGoesWithAReplyThatNamesAnAlarm() {
    take(OFFER, "");
    assertFalse(take(OFFER, "k-1"));
    assertEquals(Kind.PRESS, made());
  }

  @Test
  void aLaterOneTakesItsPlaceAndAnEarlierOneNever() {
    take(OFFER, "");
    assertTrue(take("8:1800000600", ""));
    assertFalse(take(OFFER, ""));
    assertEquals(Kind.PRESS, made());
  }

  @Test
  void aRestartLeavesNothingArmedAndTheSameArmsNothingAgain() throws IOException {
    take(OFFER, "");
    store.close();
    begin();
    assertEquals(Kind.PRESS, made());
    assertFalse(take(OFFER, ""));
    assertEquals(Kind.PRESS, made());
  }

  @Test
  void nothingIsArmedInAnAlarm() {
    alarmIsOpen = true;
    assertFalse(take(OFFER, ""));
    alarmIsOpen = false;
    take(OFFER, "");
    alarmIsOpen = true;
    assertEquals(Kind.PRESS, made());
  }

  @Test
  void rule46LeavingHerPagesEndsWhatHerCodeArmedAndThatAlone() {
    arming.arm(Rules.TEST_LASTS_US);
    arming.arm(0);
    assertEquals(Kind.PRESS, made());
    take(OFFER, "");
    arming.arm(0);
    assertEquals(Kind.TEST, made());
    arming.arm(Rules.TEST_LASTS_US);
    Draft hers = arming.made(loop.nowUs(), 0);
    assertEquals(Kind.TEST, hers.kind);
    assertNull(hers.body);
  }

  @Test
  void evenTheServersWordArmsNothingThatIsOverOrCouldStandForLong() {
    assertEquals(new Offer(7, NOW_S + 600), offered(OFFER));
    assertEquals(new Offer(4_294_967_295L, NOW_S + 1800), offered("4294967295:1800001800"));
    List<String> bad = Arrays.asList(
        "4294967296:1800000600", "0:1800000600", "7:1800000000", "7:1800001801", "7:9999999999999",
        "\u0667:1800000600", "-7:1800000600", "7:1800000600\n", "7", "");
    for (String text : bad) {
      assertNull(offered(text), text);
    }
  }

  private static Offer offered(String text) {
    List<Pending> pending = Arrays.asList(new Pending(Offer.PENDING, text));
    return Offer.in(new Receipt(0, "", NOW_S * 1000, "noted", 1, pending, ""));
  }
}
