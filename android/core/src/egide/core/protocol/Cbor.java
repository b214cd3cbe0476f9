package egide.core.protocol;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A strict reader and writer for the part of CBOR that the envelope uses (RFC 8949, section 4.2: deterministic).
 *
 * Integers, byte strings, text, arrays, maps with integer keys, true and false; nothing else: no tags, floats,
 * indefinite lengths or null. Each value has exactly one encoding, so equal messages are equal bytes. In Java these are
 * Long (BigInteger beyond it), byte[], String, List, Map and Boolean.
 */
public final class Cbor {
  static final int MAX_DEPTH = 4;
  /** A message has 25 items at most. Each costs us far more than its byte costs the sender. */
  static final int MAX_ITEMS = 64;
  /** Arguments below this stand in the initial byte itself. */
  private static final int ONE_BYTE = 24;
  private static final int UINT = 0, NEGATIVE = 1, BYTES = 2, TEXT = 3, ARRAY = 4, MAP = 5, TAG = 6, SIMPLE = 7;

  private Cbor() {}

  /** Initial byte and argument (0 or more) in the shortest form. */
  public static byte[] head(int major, long value) {
    if (value < ONE_BYTE) {
      return new byte[] {(byte) (major << 5 | value)};
    }
    int code = ONE_BYTE;
    int size = 1;
    while (size < 8 && value >>> 8 * size != 0) {
      code++;
      size *= 2;
    }
    return Bytes.joined(new byte[] {(byte) (major << 5 | code)}, Bytes.bigEndian(value, size));
  }

  /** The only encoding of `value`. Throws IllegalArgumentException for a type that has none. */
  public static byte[] encode(Object value) {
    if (value instanceof Boolean truth) {
      return new byte[] {(byte) (truth ? 0xf5 : 0xf4)};
    }
    if (value instanceof Integer number) {
      return encode((long) number);
    }
    if (value instanceof Long number) {
      return number >= 0 ? head(UINT, number) : head(NEGATIVE, -1 - number);
    }
    if (value instanceof byte[] data) {
      return Bytes.joined(head(BYTES, data.length), data);
    }
    if (value instanceof String text) {
      byte[] data = Bytes.utf8(text);
      return Bytes.joined(head(TEXT, data.length), data);
    }
    if (value instanceof List<?> list) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      put(all, head(ARRAY, list.size()));
      for (Object each : list) {
        put(all, encode(each));
      }
      return all.toByteArray();
    }
    if (value instanceof Map<?, ?> map) {
      return encodeMap(map);
    }
    throw new IllegalArgumentException("no encoding for " + value);
  }

  private static byte[] encodeMap(Map<?, ?> map) {
    Map<byte[], byte[]> sorted = new TreeMap<>(Bytes::compare);
    for (Map.Entry<?, ?> each : map.entrySet()) {
      sorted.put(encode(each.getKey()), encode(each.getValue()));
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    put(all, head(MAP, sorted.size()));
    for (Map.Entry<byte[], byte[]> each : sorted.entrySet()) {
      put(all, each.getKey());
      put(all, each.getValue());
    }
    return all.toByteArray();
  }

  private static void put(ByteArrayOutputStream all, byte[] data) {
    all.write(data, 0, data.length);
  }

  /** The value of the whole of `data`, of MAX_ITEMS items at most. */
  public static Object decode(byte[] data) throws CborError {
    Reader reader = new Reader(data);
    Object value = reader.read(0);
    if (reader.at != data.length) {
      throw new CborError("trailing-bytes", data.length - reader.at + " after the value");
    }
    return value;
  }

  /** Reads one item after the other; `at` is the byte that comes next. */
  private static final class Reader {
    private final byte[] data;
    private int items;
    private int at;

    Reader(byte[] data) {
      this.data = data;
    }

    Object read(int depth) throws CborError {
      items++;
      if (items > MAX_ITEMS) {
        throw new CborError("too-many-items", "more than " + MAX_ITEMS);
      }
      if (at >= data.length) {
        throw truncated();
      }
      int first = data[at] & 0xff;
      int major = first >> 5;
      int info = first & 31;
      if (major == SIMPLE) {
        if (info != 20 && info != 21) {
          throw new CborError("unsupported-type", "initial byte " + first);
        }
        at++;
        return info == 21;
      }
      if (major == TAG) {
        throw new CborError("unsupported-type", "tag");
      }
      // Above the highest long it is read as negative, and no such length fits into any data.
      long number = argument(info);
      switch (major) {
        case UINT:
          return whole(number);
        case NEGATIVE:
          return number >= 0 ? (Object) (-1 - number) : unsigned(number).not();
        case BYTES:
        case TEXT:
          return string(number, major);
        default:
          if (depth >= MAX_DEPTH) {
            throw new CborError("too-deep", "more than " + MAX_DEPTH);
          }
          return major == ARRAY ? array(number, depth + 1) : map(number, depth + 1);
      }
    }

    private long argument(int info) throws CborError {
      if (info < ONE_BYTE) {
        at++;
        return info;
      }
      if (info > 27) {
        String reason = info == 31 ? "indefinite-length" : "unsupported-type";
        throw new CborError(reason, "initial byte " + (data[at] & 0xff));
      }
      int size = 1 << info - ONE_BYTE;
      if (at + 1 + size > data.length) {
        throw truncated();
      }
      long number = Bytes.fromBigEndian(data, at + 1, size);
      boolean isShortest = size == 1 ? number >= ONE_BYTE : number >>> 4 * size != 0;
      if (!isShortest) {
        throw new CborError("not-deterministic", "number not in its shortest form");
      }
      at += 1 + size;
      return number;
    }

    private Object string(long size, int major) throws CborError {
      if (size < 0 || size > data.length - at) {
        throw truncated();
      }
      byte[] raw = Bytes.slice(data, at, at + (int) size);
      at += (int) size;
      if (major == BYTES) {
        return raw;
      }
      try {
        // A decoder of this kind replaces nothing.
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(raw)).toString();
      } catch (CharacterCodingException error) {
        throw new CborError("bad-text", "not UTF-8");
      }
    }

    private List<Object> array(long size, int depth) throws CborError {
      if (size < 0 || size > data.length - at) {
        throw truncated();
      }
      List<Object> list = new ArrayList<>();
      for (long each = 0; each < size; each++) {
        list.add(read(depth));
      }
      return list;
    }

    private Map<Object, Object> map(long size, int depth) throws CborError {
      if (size < 0 || size > (data.length - at) / 2) {
        throw truncated();
      }
      Map<Object, Object> map = new LinkedHashMap<>();
      byte[] last = {};
      for (long each = 0; each < size; each++) {
        int start = at;
        Object key = read(depth);
        if (!(key instanceof Long || key instanceof BigInteger)) {
          throw new CborError("bad-key", "keys are integers");
        }
        byte[] encoded = Bytes.slice(data, start, at);
        if (each > 0 && Bytes.compare(encoded, last) <= 0) {
          throw new CborError("not-deterministic", "keys out of order or repeated");
        }
        last = encoded;
        map.put(key, read(depth));
      }
      return map;
    }

    private static CborError truncated() {
      return new CborError("truncated", "ends before a value that was announced");
    }

    private static Object whole(long number) {
      return number >= 0 ? (Object) number : unsigned(number);
    }

    private static BigInteger unsigned(long number) {
      return new BigInteger(1, Bytes.bigEndian(number, 8));
    }
  }
}
