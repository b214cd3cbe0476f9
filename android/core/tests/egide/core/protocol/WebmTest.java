package egide.core.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Pieces of a recording; that a browser plays them is tests/journeys/test_android_sound.py. */
final class WebmTest {
  private static final byte[] PACKET = {-8, -1, -2};
  private final Webm recording = new Webm();

  private byte[] piece() {
    for (int at = 0; at < 49; at++) {
      assertNull(recording.add(PACKET));
    }
    byte[] piece = recording.add(PACKET);
    assertNotNull(piece);
    return piece;
  }

  @Test
  void aPieceIsReadyAfterASecondAndTheFirstAloneHasTheHead() {
    String first = Bytes.toHex(piece()), second = Bytes.toHex(piece());
    assertTrue(first.startsWith("1a45dfa3"), first);
    assertTrue(first.contains(Bytes.toHex(Bytes.utf8("A_OPUS"))));
    assertTrue(second.startsWith("1f43b675"), second);
  }

  @Test
  void eachClusterSaysWhenItBeganAndEachPacketWhenWithinIt() {
    piece();
    String second = Bytes.toHex(piece());
    // Timestamp 1000 ms in two bytes, then the first packets at 0 and 20 ms of track 1.
    assertTrue(second.contains("e7" + "82" + "03e8" + "a387" + "81" + "0000" + "80" + "f8fffe" + "a387" + "81" + "0014"), second);
    assertEquals(12 + 4 + 50 * 9, second.length() / 2);
  }

  @Test
  void nothingInItNamesTheApp() {
    assertEquals(-1, Bytes.text(piece()).toLowerCase(java.util.Locale.ROOT).indexOf("egide"));
  }
}
