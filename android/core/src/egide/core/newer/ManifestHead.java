package egide.core.newer;

import egide.core.protocol.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The head of an app's manifest: Android's binary form of XML (frameworks/base, ResourceTypes.h), as far as that needs it. Its model
 * is src/egide/fleet/native/manifest.py.
 */
record ManifestHead(String name, long versionCode, String version) {
  private static final int XML = 0x0003, STRINGS = 0x0001, ELEMENT = 0x0102;
  private static final int UTF_8 = 1 << 8, NO_STRING = 0xffffffff;
  private static final int TEXT = 0x03, NUMBER = 0x10, HEXADECIMAL = 0x11;
  /** A manifest has some hundred; a file that says more is none. */
  private static final int MOST_STRINGS = 20_000;

  static ManifestHead read(byte[] data) throws ApkError {
    try {
      Map<String, Object> values = firstElement(data);
      return new ManifestHead(
          Objects.requireNonNull((String) values.get("package")),
          (Long) values.get("versionCode"),
          Objects.requireNonNull((String) values.get("versionName")));
    } catch (IllegalArgumentException
        | IndexOutOfBoundsException
        | ClassCastException
        | NullPointerException error) {
      throw new ApkError(error);
    }
  }

  private static long number(byte[] data, int at, int size) {
    return Bytes.fromLittleEndian(data, at, size);
  }

  private static int offset(long number) {
    if (number > Integer.MAX_VALUE / 2) {
      throw new IndexOutOfBoundsException(String.valueOf(number));
    }
    return (int) number;
  }

  private static Map<String, Object> firstElement(byte[] data) throws ApkError {
    if (number(data, 0, 2) != XML || number(data, 4, 4) != data.length) {
      throw new ApkError("no binary XML");
    }
    String[] strings = {};
    for (int at = (int) number(data, 2, 2); ; ) {
      int kind = (int) number(data, at, 2);
      int headSize = (int) number(data, at + 2, 2);
      int size = offset(number(data, at + 4, 4));
      if (size < 8) {
        throw new ApkError("a piece without a size");
      }
      byte[] piece = Bytes.slice(data, at, Math.min(data.length, at + size));
      if (kind == STRINGS) {
        strings = strings(piece, headSize);
      } else if (kind == ELEMENT) {
        return attributes(piece, headSize, strings);
      }
      at += size;
    }
  }

  private static String[] strings(byte[] piece, int headSize) throws ApkError {
    long count = number(piece, 8, 4);
    boolean isUtf8 = (number(piece, 16, 4) & UTF_8) != 0;
    if (count > MOST_STRINGS) {
      throw new ApkError(count + " strings");
    }
    String[] strings = new String[(int) count];
    for (int each = 0; each < strings.length; each++) {
      int at = offset(number(piece, 20, 4) + number(piece, headSize + 4 * each, 4));
      strings[each] = isUtf8 ? utf8(piece, at) : utf16(piece, at);
    }
    return strings;
  }

  /** Two lengths, in signs and in bytes; each of one byte, or of two when its highest bit is set. */
  private static String utf8(byte[] piece, int from) {
    int at = from + (piece[from] < 0 ? 2 : 1);
    int size = piece[at++] & 0xff;
    if (size >= 0x80) {
      size = (size & 0x7f) << 8 | piece[at++] & 0xff;
    }
    return Bytes.text(within(piece, at, size));
  }

  private static String utf16(byte[] piece, int at) throws ApkError {
    int size = (int) number(piece, at, 2);
    if (size >= 0x8000) {
      throw new ApkError("a text without an end");
    }
    return new String(within(piece, at + 2, 2 * size), StandardCharsets.UTF_16LE);
  }

  private static byte[] within(byte[] piece, int at, int size) {
    if (at + size > piece.length) {
      throw new IndexOutOfBoundsException(String.valueOf(at + size));
    }
    return Bytes.slice(piece, at, at + size);
  }

  private static Map<String, Object> attributes(byte[] piece, int headSize, String[] strings) {
    int start = headSize + (int) number(piece, headSize + 8, 2);
    int size = (int) number(piece, headSize + 10, 2);
    int count = (int) number(piece, headSize + 12, 2);
    Map<String, Object> values = new HashMap<>();
    for (int each = 0; each < count; each++) {
      int at = start + each * size;
      String name = strings[(int) number(piece, at + 4, 4)];
      int raw = (int) number(piece, at + 8, 4);
      int kind = piece[at + 15];
      long value = number(piece, at + 16, 4);
      if (kind == TEXT) {
        values.put(name, strings[raw == NO_STRING ? (int) value : raw]);
      } else if (kind == NUMBER || kind == HEXADECIMAL) {
        values.put(name, value);
      }
    }
    return values;
  }
}
