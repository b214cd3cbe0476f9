package egide.core.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** JSON is read as RFC 8259 says and no further; whatever a server sends, nothing else is thrown. */
final class JsonTest {
  @Test
  void whatIsJsonIsReadAndWrittenBack() throws JsonError {
    String text = "{\"a\":[1,-2,0,true,false,null,\"\\\"\\\\\\n\\u0001é\"],\"b\":{},\"c\":[],\"d\":2.5}";
    assertEquals(text, Json.write(Json.read(Bytes.utf8(text))));
    assertEquals("é/\ud83d\ude00", Json.read(Bytes.utf8(" \"\\u00e9\\/\\ud83d\\ude00\" ")));
  }

  @Test
  void whatIsNoJsonIsRefused() {
    List<String> bad = List.of(
        "", " ", "{", "[", "[1", "[1,]", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}", "\"", "\"\\x\"",
        "\"\\u12g4\"", "\"\\u12\uff114\"", "\"\n\"", "01", "-", "1.", ".5", "1e", "+1", "NaN", "tru", "nul",
        "1 2", "[1]]", "'a'", "\ufeff1", "1e99999999999", "1".repeat(60));
    for (String text : bad) {
      assertThrows(JsonError.class, () -> Json.read(Bytes.utf8(text)), text);
    }
    assertThrows(JsonError.class, () -> Json.read(Bytes.utf8("[".repeat(100_000))));
    assertThrows(JsonError.class, () -> Json.read(new byte[] {'"', (byte) 0xff, '"'}));
  }

  @Test
  void randomAnswersAreReceiptsOrRefused() {
    Random chance = new Random(11);
    String signs = "{}[]:,\"\\u0019eE+-.tfn \nalarmseqpending";
    for (int round = 0; round < 20_000; round++) {
      StringBuilder text = new StringBuilder();
      for (int size = chance.nextInt(30); size >= 0; size--) {
        text.append(signs.charAt(chance.nextInt(signs.length())));
      }
      assertThrows(JsonError.class, () -> Receipt.read(Bytes.utf8(text.toString())));
    }
  }
}
