package egide.core.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import egide.core.protocol.Kind;
import egide.core.store.Outgoing;
import egide.core.time.PlayedLoop;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Servers that can take nothing now: which kinds wait, for how long, and when their word means the message after all. */
final class AwayTest {
  private static final long HOUR_US = 3_600_000_000L;
  private static final Outgoing NOTICE = new Outgoing(1, Kind.NOTICE, new byte[0], 0, 0);
  private static final Outgoing POSITION = new Outgoing(2, Kind.POSITION, new byte[0], 0, 0);

  private final PlayedLoop loop = new PlayedLoop(1_800_000_000_000_000L);
  private int ended;
  private final Away away = new Away(loop, () -> ended++);

  @Test
  void aKindWaitsForItsPauseAndThenAllHaveTheirTurn() {
    away.await(Kind.NOTICE, 5_000_000);
    // The first one's pause holds.
    away.await(Kind.TEXT, HOUR_US);
    assertEquals(Set.of(Kind.NOTICE, Kind.TEXT), away.kinds);
    loop.runUntil(4_999_999);
    assertEquals(0, ended);
    loop.runUntil(5_000_000);
    assertEquals(Set.of(), away.kinds);
    assertEquals(1, ended);
    away.end();
    assertEquals(1, ended);
  }

  @Test
  void notLongerThanASecondBehindSomethingThatWasTaken() {
    away.await(Kind.NOTICE, HOUR_US);
    away.noteTaken();
    loop.runUntil(900_000);
    // Nor longer because of the next one.
    away.noteTaken();
    loop.runUntil(1_000_000);
    assertEquals(1, ended);
  }

  @Test
  void whoPressesOrHasANetworkAgainEndsIt() {
    away.await(Kind.NOTICE, HOUR_US);
    away.end();
    loop.runUntil(HOUR_US);
    assertEquals(1, ended);
  }

  @Test
  void aServerThatTakesOthersAndNeverThisOneMeansTheMessage() {
    for (int time = 0; time < 100; time++) {
      // Nothing says that there is a server at all.
      assertFalse(away.means(NOTICE));
    }
    for (int time = 0; time < 8; time++) {
      away.noteTaken();
      assertFalse(away.means(NOTICE));
      assertFalse(away.means(POSITION));
    }
    away.noteTaken();
    assertTrue(away.means(NOTICE));
    // From the beginning, should it be asked once more.
    assertFalse(away.means(NOTICE));
  }

  @Test
  void whatIsAskedOnlyBehindAnotherKindThatWaitsIsNeverMeant() {
    for (int time = 0; time < 100; time++) {
      away.await(Kind.POSITION, 1_000_000);
      assertFalse(away.means(NOTICE));
      away.end();
      away.noteTaken();
    }
  }
}
