package egide.core.protocol;

import java.util.LinkedHashMap;
import java.util.Map;

/** What only she reads. `testedAtMs`: when a test last got through, in ms since 1970; null for never. */
public record Page(String kit, String button, Long testedAtMs) {
  private static final int BYTES = 512;

  static Page read(byte[] data) throws JsonError {
    Fields fields = Json.readFields(data);
    boolean isTested = fields.has("testedAtMs") && !fields.isNull("testedAtMs");
    return new Page(
        fields.text("kit", ""),
        fields.text("button", ""),
        isTested ? (Long) fields.number("testedAtMs") : null);
  }

  /** Always of one length. Throws IllegalArgumentException for one that is too long. */
  byte[] written() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("kit", kit);
    fields.put("button", button);
    fields.put("testedAtMs", testedAtMs);
    byte[] text = Bytes.utf8(Json.write(fields));
    if (text.length > BYTES) {
      throw new IllegalArgumentException("a page of " + text.length + " bytes, at most " + BYTES);
    }
    byte[] page = new byte[BYTES];
    java.util.Arrays.fill(page, (byte) ' ');
    System.arraycopy(text, 0, page, 0, text.length);
    return page;
  }
}
