package egide.core.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import egide.core.Vectors;
import egide.core.engine.PageRules;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The SMS road: the vectors of contracts/sms.json, which the server reads too. A phone writes both forms and reads none. */
final class SmsTest {
  private static final Vectors VECTORS = Vectors.in("sms.json");

  @TestFactory
  List<DynamicTest> oneBinaryMessageCarriesAnEnvelope() {
    return Vectors.each(VECTORS.all("binary"), "name", vector -> {
      byte[] data = vector.bytes("data");
      int port = (int) (long) VECTORS.number("port");
      assertArrayEquals(vector.bytes("udh"), Sms.header(port));
      assertTrue(Sms.fitsBinary(data));
      Envelope read = Envelope.unwrap(data);
      assertArrayEquals(data, Envelope.layOut(read.kid(), read.payload(), read.signature()));
    });
  }

  @TestFactory
  List<DynamicTest> twoTextsCarryAnEnvelope() {
    return Vectors.each(VECTORS.all("texts"), "name", vector -> {
      List<String> parts = vector.texts("parts");
      assertEquals(parts, Sms.texts(vector.bytes("envelope")));
      assertTrue(parts.stream().allMatch(part -> part.length() <= VECTORS.number("longest")));
    });
  }

  @Test
  void whatDoesNotFitIsNotSentSo() {
    assertTrue(Sms.fitsBinary(new byte[133]));
    assertFalse(Sms.fitsBinary(new byte[134]));
    assertEquals(Sms.LONGEST_TEXT, Sms.texts(new byte[230]).get(0).length());
    assertThrows(IllegalArgumentException.class, () -> Sms.texts(new byte[231]));
  }

  @Test
  void whateverFitsIsWholeAgainFromBothHalvesAndALinkLeadsOutOfThePages() {
    Random chance = new Random(20_261_203);
    for (int round = 0; round < 500; round++) {
      byte[] bytes = new byte[2 + chance.nextInt(229)];
      chance.nextBytes(bytes);
      byte[] whole = {};
      for (String text : Sms.texts(bytes)) {
        assertTrue(text.matches("EG1[12]/2[A-Za-z0-9_-]+"), text);
        whole = Bytes.joined(whole, Bytes.fromBase64url(text.substring("EG11/2".length())));
        String link = Sms.link("+32000", text);
        assertTrue(PageRules.leadsOut(link), link);
        assertEquals("sms:+32000?body=" + URLEncoder.encode(text, StandardCharsets.UTF_8), link);
      }
      assertArrayEquals(bytes, whole);
    }
  }

  @Test
  void nothingElseLeadsOutOfThePages() {
    for (String address : Arrays.asList(
        "", "https://example.org/", "https://pages.invalid/native.html", "tel:112", "sms:+32000", "sms:?body=EG11%2F2AAAA",
        "sms:+32000?body=hello", "sms:+32000?body=EG13%2F2AAAA", "sms:+32000?body=EG11/2AAAA", "sms:+32000?body=EG11%2F2AA%0AAA",
        "sms:+32000,+32001?body=EG11%2F2AAAA", "sms:+32000?body=EG11%2F2AAAA&body=x", "smsto:+32000?body=EG11%2F2AAAA",
        " sms:+32000?body=EG11%2F2AAAA", "sms:+32000?body=EG11%2F2AAAA\n", "intent://x#Intent;end", "javascript:1", "file:///data/data")) {
      assertFalse(PageRules.leadsOut(address), address);
    }
  }
}
