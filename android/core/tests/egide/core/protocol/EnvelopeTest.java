package egide.core.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import egide.core.Vectors;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Envelopes are those of contracts/vectors.json, byte for byte, and nothing else is one. */
final class EnvelopeTest {
  private static final Vectors VECTORS = Vectors.in("vectors.json");

  private static Message messageOf(Vectors plain) {
    Vectors at = plain.part("position");
    Vectors charge = plain.part("battery");
    return new Message(
        Kind.of(plain.number("kind")),
        plain.number("counter"),
        plain.number("sent_at_s"),
        at == null
            ? null
            : new Position(
                at.number("lat_e7"),
                at.number("lon_e7"),
                at.number("accuracy_m"),
                at.number("age_s"),
                at.number("source")),
        charge == null ? null : new Battery(charge.number("phone_pct"), charge.number("button_pct")),
        plain.number("link"),
        plain.number("trigger"),
        plain.number("press"),
        plain.has("body") ? plain.bytes("body") : null);
  }

  private static void assertSame(Message expected, Message found) {
    assertArrayEquals(expected.body(), found.body());
    assertEquals(withoutBody(expected), withoutBody(found));
  }

  private static Message withoutBody(Message message) {
    return new Message(
        message.kind(),
        message.counter(),
        message.sentAtS(),
        message.position(),
        message.battery(),
        message.link(),
        message.trigger(),
        message.press(),
        null);
  }

  @TestFactory
  List<DynamicTest> validOnesAreMadeAndReadByteForByte() {
    return Vectors.each(VECTORS.all("valid"), "name", vector -> {
      Message message = messageOf(vector.part("message"));
      SigningKey key = new SoftKey(vector.bytes("seed"));
      assertArrayEquals(vector.bytes("public_key"), key.publicKey());
      assertArrayEquals(vector.bytes("envelope"), Envelope.seal(message, key));
      Envelope envelope = Envelope.unwrap(vector.bytes("envelope"));
      assertArrayEquals(vector.bytes("kid"), envelope.kid());
      assertArrayEquals(vector.bytes("payload"), envelope.payload());
      assertArrayEquals(vector.bytes("to_be_signed"), envelope.toBeSigned());
      assertTrue(envelope.isSignedBy(key.publicKey()));
      assertSame(message, envelope.read());
    });
  }

  @TestFactory
  List<DynamicTest> malformedOnesAreRefusedWithTheirReason() {
    return Vectors.each(VECTORS.all("malformed"), "name", vector -> {
      byte[] data = vector.has("parts") ? repeated((List<?>) vector.value("parts")) : vector.bytes("envelope");
      EnvelopeError error = assertThrows(EnvelopeError.class, () -> Envelope.unwrap(data).read());
      assertEquals(vector.text("reason"), error.reason);
    });
  }

  private static byte[] repeated(List<?> parts) {
    StringBuilder hex = new StringBuilder();
    for (Object each : parts) {
      List<?> part = (List<?>) each;
      hex.append(((String) part.get(0)).repeat((int) (long) (Long) part.get(1)));
    }
    return Bytes.fromHex(hex.toString());
  }

  @TestFactory
  List<DynamicTest> forgedOnesDoNotVerify() {
    return Vectors.each(VECTORS.all("forged"), "name", vector -> {
      Envelope envelope = Envelope.unwrap(vector.bytes("envelope"));
      assertFalse(envelope.isSignedBy(vector.bytes("public_key")));
    });
  }

  @Test
  void whateverIsCutOffOrAppendedIsRefused() throws EnvelopeError {
    for (Vectors vector : VECTORS.all("valid")) {
      byte[] data = vector.bytes("envelope");
      for (int size = 0; size < data.length; size++) {
        byte[] shorter = Bytes.slice(data, 0, size);
        assertThrows(EnvelopeError.class, () -> Envelope.unwrap(shorter).read());
      }
      byte[] longer = Bytes.joined(data, new byte[1]);
      assertThrows(EnvelopeError.class, () -> Envelope.unwrap(longer).read());
    }
  }

  @Test
  void noChangedBitVerifies() throws EnvelopeError {
    Vectors vector = VECTORS.all("valid").get(1);
    byte[] data = vector.bytes("envelope");
    for (int bit = 0; bit < data.length * 8; bit++) {
      byte[] changed = data.clone();
      changed[bit / 8] ^= (byte) (1 << bit % 8);
      try {
        assertFalse(Envelope.unwrap(changed).isSignedBy(vector.bytes("public_key")), "bit " + bit);
      } catch (EnvelopeError refused) {
        assertFalse(refused.reason.isEmpty());
      }
    }
  }

  @Test
  void randomPayloadsAreReadOrRefusedAndReadOnesAreWrittenTheSameWay() throws EnvelopeError {
    Random chance = new Random(20_261_129);
    SigningKey key = new SoftKey(new byte[SoftKey.SEED_BYTES]);
    int read = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] payload = VECTORS.all("valid").get(1).bytes("payload");
      for (int change = chance.nextInt(4); change >= 0; change--) {
        payload[chance.nextInt(payload.length)] = (byte) chance.nextInt();
      }
      Message message;
      try {
        message = Payload.read(payload);
      } catch (EnvelopeError refused) {
        continue;
      }
      read++;
      assertArrayEquals(payload, Payload.of(message));
      if (read % 500 == 0) {
        assertSame(message, Envelope.unwrap(Envelope.seal(message, key)).read());
      }
    }
    assertTrue(read > 1000, read + " were read");
  }

  @Test
  void whatIsOutOfBoundsIsNeverSealed() {
    SigningKey key = new SoftKey(new byte[SoftKey.SEED_BYTES]);
    Message good = new Message(Kind.POSITION, 5, 0, null, null, null, null, 4L, null);
    Position far = new Position(900_000_001, 0, 0, 0, 0);
    List<Message> bad = List.of(
        good.numbered(0),
        good.numbered(1L << 32),
        good.numbered(4),
        new Message(Kind.PRESS, 5, 0, null, null, null, null, 4L, null),
        new Message(Kind.PRESS, 5, -1, null, null, null, null, null, null),
        new Message(Kind.PRESS, 5, 0, far, null, null, null, null, null),
        new Message(Kind.PRESS, 5, 0, null, new Battery(101L, null), null, null, null, null),
        new Message(Kind.TEXT, 5, 0, null, null, null, null, null, new byte[5000]));
    for (Message message : bad) {
      assertThrows(EnvelopeError.class, () -> Envelope.seal(message, key));
    }
  }
}
