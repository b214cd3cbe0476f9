package egide.core.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/** Small tools for byte strings: joined, compared, as numbers and as text. */
public final class Bytes {
  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private Bytes() {}

  public static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.write(part, 0, part.length);
    }
    return all.toByteArray();
  }

  public static byte[] slice(byte[] data, int from, int to) {
    return Arrays.copyOfRange(data, from, to);
  }

  public static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  public static String text(byte[] utf8) {
    return new String(utf8, StandardCharsets.UTF_8);
  }

  /** Whether `data` begins with `start`. */
  public static boolean startsWith(byte[] data, byte[] start) {
    return data.length >= start.length && Arrays.equals(slice(data, 0, start.length), start);
  }

  /** Order of unsigned bytes, as RFC 8949, section 4.2.1 wants it for keys. */
  public static int compare(byte[] one, byte[] other) {
    for (int at = 0; at < Math.min(one.length, other.length); at++) {
      int difference = (one[at] & 0xff) - (other[at] & 0xff);
      if (difference != 0) {
        return difference;
      }
    }
    return one.length - other.length;
  }

  /** `number` in `size` bytes, the highest first. */
  public static byte[] bigEndian(long number, int size) {
    byte[] data = new byte[size];
    for (int at = 0; at < size; at++) {
      data[at] = (byte) (number >>> 8 * (size - 1 - at));
    }
    return data;
  }

  /** `number` in `size` bytes, the lowest first. */
  public static byte[] littleEndian(long number, int size) {
    byte[] data = new byte[size];
    for (int at = 0; at < size; at++) {
      data[at] = (byte) (number >>> 8 * at);
    }
    return data;
  }

  /** The number in `size` bytes (at most 8) from `at` on, the highest first. */
  public static long fromBigEndian(byte[] data, int at, int size) {
    long number = 0;
    for (int each = 0; each < size; each++) {
      number = number << 8 | data[at + each] & 0xff;
    }
    return number;
  }

  /** The number in `size` bytes (at most 7) from `at` on, the lowest first. */
  public static long fromLittleEndian(byte[] data, int at, int size) {
    long number = 0;
    for (int each = size - 1; each >= 0; each--) {
      number = number << 8 | data[at + each] & 0xff;
    }
    return number;
  }

  public static String toHex(byte[] data) {
    StringBuilder text = new StringBuilder(data.length * 2);
    for (byte each : data) {
      text.append(HEX[each >> 4 & 15]).append(HEX[each & 15]);
    }
    return text.toString();
  }

  /** Throws IllegalArgumentException for anything but pairs of hexadecimal digits. */
  public static byte[] fromHex(String text) {
    byte[] data = new byte[text.length() / 2];
    for (int at = 0; at < text.length(); at++) {
      int digit = Character.digit(text.charAt(at), 16);
      if (digit < 0 || text.charAt(at) > 'f' || text.length() % 2 != 0) {
        throw new IllegalArgumentException("not hexadecimal: " + text.length() + " signs");
      }
      data[at / 2] = (byte) (data[at / 2] << 4 | digit);
    }
    return data;
  }

  /** base64url without padding (RFC 4648, section 5). */
  public static String toBase64url(byte[] data) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(data);
  }

  /** Throws IllegalArgumentException for anything but the one text that `toBase64url` gives. */
  public static byte[] fromBase64url(String text) {
    byte[] data = Base64.getUrlDecoder().decode(text);
    if (!toBase64url(data).equals(text)) {
      throw new IllegalArgumentException("not base64url: bits or signs behind the last byte");
    }
    return data;
  }

  /** The same, of exactly `size` bytes. Throws IllegalArgumentException. */
  public static byte[] fromBase64url(String text, int size) {
    byte[] data = fromBase64url(text);
    if (data.length != size) {
      throw new IllegalArgumentException("expected " + size + " bytes, got " + data.length);
    }
    return data;
  }
}
