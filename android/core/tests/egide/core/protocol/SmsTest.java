package egide.core.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import egide.core.Vectors;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The SMS road: the vectors of contracts/sms.json, which the server reads too, and pairs that are none. */
final class SmsTest {
  private static final Vectors VECTORS = Vectors.in("sms.json");

  @TestFactory
  List<DynamicTest> twoTextsCarryAnEnvelopeInEitherOrder() {
    return Vectors.each(VECTORS.all("texts"), "name", vector -> {
      byte[] envelope = vector.bytes("envelope");
      List<String> parts = vector.texts("parts");
      assertEquals(parts, Sms.texts(envelope, 0));
      assertArrayEquals(envelope, Sms.envelope(parts));
      assertArrayEquals(envelope, Sms.envelope(List.of(parts.get(1), parts.get(0))));
    });
  }

  @TestFactory
  List<DynamicTest> whatIsNoPairIsRefused() {
    return Vectors.each(VECTORS.all("refused"), "why", vector -> assertThrows(
        IllegalArgumentException.class, () -> Sms.envelope(vector.texts("parts"))));
  }

  @TestFactory
  List<DynamicTest> theSecondAsksForAnAnswer() {
    return Vectors.each(VECTORS.all("asking"), "name", vector -> {
      int number = (int) (long) vector.number("number");
      assertEquals(vector.texts("parts"), Sms.texts(vector.bytes("envelope"), number));
      assertArrayEquals(vector.bytes("envelope"), Sms.envelope(vector.texts("parts")));
    });
  }

  @TestFactory
  List<DynamicTest> aPhoneAlwaysAsksForTheSameSentence() {
    return Vectors.each(VECTORS.all("asked"), "kid", vector -> assertEquals(
        vector.number("number"), Sms.answerFor(vector.bytes("kid"), vector.text("language"))));
  }

  @TestFactory
  List<DynamicTest> oneBinaryMessageCarriesAnEnvelope() {
    return Vectors.each(VECTORS.all("binary"), "name", vector -> {
      byte[] data = vector.bytes("data");
      int port = (int) (long) VECTORS.number("port");
      assertArrayEquals(vector.bytes("udh"), Sms.header(port, 0));
      assertTrue(Sms.fitsBinary(data));
      Envelope read = Envelope.unwrap(data);
      assertArrayEquals(data, Envelope.layOut(read.kid(), read.payload(), read.signature()));
    });
  }

  @Test
  void whateverFitsComesThroughAndWhatDoesNotIsRefused() {
    Random chance = new Random(20_261_126);
    for (int round = 0; round < 500; round++) {
      byte[] data = new byte[chance.nextInt(231)];
      chance.nextBytes(data);
      List<String> texts = Sms.texts(data, 0);
      for (String text : texts) {
        assertTrue(text.matches("EG1[12]/2[A-Za-z0-9_-]*") && text.length() <= Sms.LONGEST_TEXT);
      }
      assertArrayEquals(data, Sms.envelope(texts));
    }
    assertEquals(Sms.LONGEST_TEXT, Sms.texts(new byte[230], 0).get(0).length());
    assertThrows(IllegalArgumentException.class, () -> Sms.texts(new byte[231], 0));
    assertThrows(IllegalArgumentException.class, () -> Sms.answerFor(new byte[8], "it"));
  }
}
