package egide.core.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import egide.core.store.KeyMaker;
import egide.core.store.PhoneStore;
import egide.core.time.PlayedLoop;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A phone that keeps its app from running is noticed by missed times of our own, and nothing else is taken for it. */
final class HeldBackTest {
  private static final long MINUTE_US = 60_000_000, REST_US = 15 * MINUTE_US, HOUR_US = 60 * MINUTE_US;
  @TempDir
  Path temporary;

  private final PlayedLoop loop = new PlayedLoop(1_800_000_000_000_000L);
  private PhoneStore store;
  private HeldBack heldBack;

  @BeforeEach
  void begin() throws IOException {
    store = PhoneStore.open(temporary.resolve("log"), new KeyMaker.Soft());
    heldBack = new HeldBack(loop, store);
    heldBack.arrive();
    heldBack.expect(REST_US);
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  /** Ended after `usedUs`, and begun again when it was away for so long. */
  private void restart(long awayUs) throws IOException {
    store.close();
    loop.hold(awayUs);
    begin();
  }

  private void sign(long afterUs) {
    loop.hold(afterUs);
    heldBack.arrive();
    heldBack.expect(REST_US);
  }

  @Test
  void inTimeOrLateAsDozeIsNothingIsSaid() {
    sign(REST_US);
    sign(REST_US + 18 * MINUTE_US);
    assertFalse(heldBack.is());
  }

  @Test
  void farTooLateIsSaidForADay() {
    sign(REST_US + 26 * MINUTE_US);
    assertTrue(heldBack.is());
    loop.hold(23 * HOUR_US);
    assertTrue(heldBack.is());
    loop.hold(HOUR_US);
    assertFalse(heldBack.is());
  }

  @Test
  void aProcessThatWasEndedWhileThePhoneRanIsNoticedWhenItBeginsAgain() throws IOException {
    restart(REST_US + 30 * MINUTE_US);
    assertTrue(heldBack.is());
  }

  @Test
  void broughtBackSoonOrAfterThePhoneWasOffItIsNot() throws IOException {
    restart(20 * MINUTE_US);
    assertFalse(heldBack.is());
    // Off for a night: the clock that counts from the start begins anew, so the start is another one.
    loop.jump(10 * HOUR_US);
    restart(0);
    assertFalse(heldBack.is());
  }

  @Test
  void aClockThatIsSetIsNoMissedTime() {
    loop.jump(-10L * 365 * 24 * HOUR_US);
    sign(REST_US);
    loop.jump(24 * HOUR_US);
    sign(REST_US);
    assertFalse(heldBack.is());
  }

  @Test
  void whatIsSaidEveryFewSecondsIsWrittenEveryFewMinutes() {
    long before = store.alive().dueUs();
    for (int times = 0; times < 59; times++) {
      loop.hold(5_000_000);
      heldBack.expect(5_000_000);
    }
    assertEquals(before, store.alive().dueUs());
    loop.hold(5_000_000);
    heldBack.expect(5_000_000);
    assertEquals(loop.steadyUs() + 5_000_000, store.alive().dueUs());
  }
}
