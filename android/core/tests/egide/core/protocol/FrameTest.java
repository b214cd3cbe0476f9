package egide.core.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import egide.core.Vectors;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The frames of contracts/gatt.md, from its table of vectors, and none that were changed. */
final class FrameTest {
  private static final Map<String, byte[]> TABLE = Vectors.table("gatt.md");
  private static final byte[] KEY = TABLE.get("key");

  @Test
  void aPressSaysItsCounterHoldAgeAndBattery() throws FrameError {
    assertEquals(new ButtonFrame(7, 2000, 0L, 87L), Frame.decode(TABLE.get("press"), KEY));
    assertEquals(41L, Frame.decode(TABLE.get("press repeated after 41 s"), KEY).ageS());
    assertEquals(
        new ButtonFrame(4_294_967_295L, 5000, null, null),
        Frame.decode(TABLE.get("press with nothing known"), KEY));
  }

  @Test
  void whatThePhoneSaysIsTheTables() {
    assertArrayEquals(TABLE.get("acknowledgement"), Frame.ack(7, KEY));
    assertArrayEquals(TABLE.get("hold time"), Frame.hold(7, 3000, KEY));
    byte[] button = TABLE.get("nonce of the button");
    byte[] phone = TABLE.get("nonce of the phone");
    assertArrayEquals(TABLE.get("claim"), Frame.claim(button, phone, KEY));
    assertTrue(Frame.isAnswer(TABLE.get("answer"), button, phone, KEY));
    assertFalse(Frame.isAnswer(TABLE.get("answer"), phone, button, KEY));
    assertFalse(Frame.isAnswer(new byte[0], button, phone, KEY));
  }

  @Test
  void everyChangedBitAndLengthIsRefused() {
    byte[] good = TABLE.get("press");
    for (int bit = 0; bit < good.length * 8; bit++) {
      byte[] changed = good.clone();
      changed[bit / 8] ^= (byte) (1 << bit % 8);
      String expected = bit < 8 ? "version" : "mac";
      assertEquals(expected, assertThrows(FrameError.class, () -> Frame.decode(changed, KEY)).reason);
    }
    Random chance = new Random(7);
    for (int size = 0; size < 40; size++) {
      byte[] data = new byte[size];
      chance.nextBytes(data);
      assertThrows(FrameError.class, () -> Frame.decode(data, KEY));
    }
    byte[] other = Bytes.joined(Bytes.slice(KEY, 1, 16), new byte[1]);
    assertEquals("mac", assertThrows(FrameError.class, () -> Frame.decode(good, other)).reason);
    // An acknowledgement of the phone's own is none of the button's frames.
    assertEquals("length", assertThrows(FrameError.class, () -> Frame.decode(Frame.ack(7, KEY), KEY)).reason);
  }

  @Test
  void valuesThatNoButtonSendsAreRefusedEvenUnderItsKey() {
    assertThrows(IllegalArgumentException.class, () -> Frame.ack(0, KEY));
    assertThrows(IllegalArgumentException.class, () -> Frame.ack(1L << 32, KEY));
    assertThrows(IllegalArgumentException.class, () -> Frame.hold(0, 3000, KEY));
    assertThrows(IllegalArgumentException.class, () -> Frame.hold(1, 1 << 16, KEY));
  }
}
