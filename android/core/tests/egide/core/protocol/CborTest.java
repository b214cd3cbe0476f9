package egide.core.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Each value has one encoding; every other sequence of bytes is refused, and nothing else is thrown. */
final class CborTest {
  private static String reason(String hex) {
    return assertThrows(CborError.class, () -> Cbor.decode(Bytes.fromHex(hex)), hex).reason;
  }

  @Test
  void numbersAreReadToTheirLastBit() throws CborError {
    assertEquals(Long.MAX_VALUE, Cbor.decode(Bytes.fromHex("1b7fffffffffffffff")));
    assertEquals(new BigInteger("18446744073709551615"), Cbor.decode(Bytes.fromHex("1bffffffffffffffff")));
    assertEquals(Long.MIN_VALUE, Cbor.decode(Bytes.fromHex("3b7fffffffffffffff")));
    assertEquals(new BigInteger("-18446744073709551616"), Cbor.decode(Bytes.fromHex("3bffffffffffffffff")));
    for (long number : new long[] {0, 23, 24, 255, 256, 65535, 65536, 4294967295L, 4294967296L, -1, -24, -25}) {
      assertEquals(number, Cbor.decode(Cbor.encode(number)));
    }
  }

  @Test
  void whatIsNotDeterministicOrAnnouncesTooMuchIsRefused() {
    assertEquals("not-deterministic", reason("1817"));
    assertEquals("not-deterministic", reason("1900ff"));
    assertEquals("not-deterministic", reason("1a0000ffff"));
    assertEquals("not-deterministic", reason("1b00000000ffffffff"));
    assertEquals("not-deterministic", reason("a201000100"));
    assertEquals("not-deterministic", reason("a202000100"));
    assertEquals("indefinite-length", reason("5f4100ff"));
    assertEquals("unsupported-type", reason("1c"));
    assertEquals("unsupported-type", reason("f6"));
    assertEquals("unsupported-type", reason("c000"));
    assertEquals("truncated", reason("5bffffffffffffffff00"));
    assertEquals("truncated", reason("9bffffffffffffffff00"));
    assertEquals("truncated", reason("bbffffffffffffffff00"));
    assertEquals("truncated", reason("5affffffff"));
    assertEquals("truncated", reason(""));
    assertEquals("trailing-bytes", reason("0000"));
    assertEquals("bad-key", reason("a1f500"));
    assertEquals("bad-text", reason("61ff"));
    assertEquals("bad-text", reason("63eda080"));
    assertEquals("too-deep", reason("818181818100"));
    assertEquals("too-many-items", reason("9840" + "00".repeat(64)));
  }

  @Test
  void whateverIsReadIsWrittenInTheSameBytes() {
    Random chance = new Random(3);
    int read = 0;
    for (int round = 0; round < 50_000; round++) {
      byte[] data = new byte[1 + chance.nextInt(8)];
      chance.nextBytes(data);
      if (chance.nextBoolean()) {
        data[0] = (byte) (0x80 + chance.nextInt(0x40));
      }
      try {
        Object value = Cbor.decode(data);
        if (!Arrays.deepToString(new Object[] {value}).matches(".*[0-9]{19}.*")) {
          assertArrayEquals(data, Cbor.encode(value));
          read++;
        }
      } catch (CborError refused) {
        assertFalse(refused.reason.isEmpty());
      }
    }
    assertTrue(read > 500, read + " were read");
  }

  @Test
  void keysStandInTheOrderOfTheirBytes() {
    assertEquals("a3000118180220" + "03", Bytes.toHex(Cbor.encode(Map.of(-1L, 3, 24L, 2, 0L, 1))));
    assertThrows(IllegalArgumentException.class, () -> Cbor.encode(List.of(1.5)));
  }
}
