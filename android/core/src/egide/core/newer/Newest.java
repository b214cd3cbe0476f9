package egide.core.newer;

import egide.core.protocol.Fields;
import egide.core.protocol.Json;
import egide.core.protocol.JsonError;
import java.util.regex.Pattern;

/** What a host says of the version that it hands out. It is only what the file is held against: what is believed is the signature. */
record Newest(long versionCode, String sha256, long bytes) {
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  /** Null for an answer that says nothing which could be fetched. */
  static Newest in(byte[] body) {
    try {
      return read(Json.readFields(body));
    } catch (JsonError error) {
      return null;
    }
  }

  private static Newest read(Fields said) throws JsonError {
    Newest newest = new Newest(said.number("version_code"), said.text("sha256"), said.number("bytes"));
    boolean isPossible = newest.bytes > 0 && newest.bytes <= Apk.MOST_BYTES;
    return isPossible && SHA256.matcher(newest.sha256).matches() ? newest : null;
  }
}
