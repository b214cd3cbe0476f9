package egide.core.protocol;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The CBOR map inside an envelope, as contracts/envelope.cddl bounds it. */
final class Payload {
  /** Sound is as long as an envelope may be; words, codes and notices are short. */
  private static final int MOST_WORDS_BYTES = 4096;
  private static final int FIELDS = 9;
  private static final long MOST_32 = (1L << 32) - 1, MOST_16 = (1 << 16) - 1;
  private static final long MOST_LAT_E7 = 900_000_000, MOST_LON_E7 = 1_800_000_000;
  /** A charge that is not known. */
  private static final long NOT_KNOWN = 255;

  private Payload() {}

  /** The payload of `message`, which `read` would take. */
  static byte[] of(Message message) throws EnvelopeError {
    Map<Long, Object> fields = new LinkedHashMap<>();
    fields.put(1L, message.kind().number);
    fields.put(2L, message.counter());
    fields.put(3L, message.sentAtS());
    if (message.position() != null) {
      Position at = message.position();
      fields.put(4L, Arrays.asList(at.latE7(), at.lonE7(), at.accuracyM(), at.ageS(), at.source()));
    }
    if (message.battery() != null) {
      fields.put(5L, Arrays.asList(level(message.battery().phonePct()), level(message.battery().buttonPct())));
    }
    put(fields, 6, message.link());
    put(fields, 7, message.trigger());
    put(fields, 8, message.press());
    put(fields, 9, message.body());
    byte[] payload = Cbor.encode(fields);
    read(payload);
    return payload;
  }

  private static Object level(Long percent) {
    return percent == null ? (Object) NOT_KNOWN : percent;
  }

  private static void put(Map<Long, Object> fields, long key, Object value) {
    if (value != null) {
      fields.put(key, value);
    }
  }

  /** The message in `payload`. */
  static Message read(byte[] payload) throws EnvelopeError {
    Map<?, ?> fields = map(payload);
    for (Object key : fields.keySet()) {
      if (!(key instanceof Long number) || number < 1 || number > FIELDS) {
        throw new EnvelopeError("unknown-field", key.toString());
      }
    }
    Message message = new Message(
        kind(fields),
        required(fields, 2, 1, MOST_32),
        required(fields, 3, 0, MOST_32),
        position(fields.get(4L)),
        battery(fields.get(5L)),
        optional(fields, 6, 0, MOST_16),
        optional(fields, 7, 0, 255),
        optional(fields, 8, 1, MOST_32),
        body(fields.get(9L)));
    checkTogether(message);
    if (message.kind() != Kind.AUDIO && payload.length > MOST_WORDS_BYTES) {
      throw new EnvelopeError("too-long", payload.length + " bytes, at most " + MOST_WORDS_BYTES);
    }
    return message;
  }

  private static Map<?, ?> map(byte[] payload) throws EnvelopeError {
    Object value;
    try {
      value = Cbor.decode(payload);
    } catch (CborError error) {
      throw new EnvelopeError(error.reason, error.getMessage());
    }
    if (!(value instanceof Map<?, ?> fields)) {
      throw new EnvelopeError("not-a-map", "the payload is another value");
    }
    return fields;
  }

  private static void checkTogether(Message message) throws EnvelopeError {
    if (message.kind() == Kind.PRESS) {
      if (message.press() != null || message.body() != null) {
        throw new EnvelopeError("press-with-extra", "a press has neither field 8 nor field 9");
      }
    } else if (message.press() != null && message.press() >= message.counter()) {
      throw new EnvelopeError("press-in-the-future", "field 8 must be lower than the counter");
    }
  }

  private static Kind kind(Map<?, ?> fields) throws EnvelopeError {
    long number = required(fields, 1, 0, 255);
    Kind kind = Kind.of(number);
    if (kind == null) {
      throw new EnvelopeError("unknown-kind", Long.toString(number));
    }
    return kind;
  }

  private static long required(Map<?, ?> fields, long key, long low, long high) throws EnvelopeError {
    if (!fields.containsKey(key)) {
      throw new EnvelopeError("missing-field", Long.toString(key));
    }
    return within(fields.get(key), low, high, Long.toString(key));
  }

  private static Long optional(Map<?, ?> fields, long key, long low, long high) throws EnvelopeError {
    return fields.containsKey(key) ? (Long) within(fields.get(key), low, high, Long.toString(key)) : null;
  }

  private static long within(Object value, long low, long high, String name) throws EnvelopeError {
    if (!(value instanceof Long || value instanceof BigInteger)) {
      throw new EnvelopeError("wrong-type", "field " + name);
    }
    if (!(value instanceof Long number) || number < low || number > high) {
      throw new EnvelopeError(
          "out-of-range", "field " + name + " is " + value + ", expected " + low + " to " + high);
    }
    return number;
  }

  private static Position position(Object value) throws EnvelopeError {
    if (value == null) {
      return null;
    }
    if (!(value instanceof List<?> parts) || parts.size() != 5) {
      throw new EnvelopeError("wrong-type", "field 4");
    }
    return new Position(
        within(parts.get(0), -MOST_LAT_E7, MOST_LAT_E7, "4.lat"),
        within(parts.get(1), -MOST_LON_E7, MOST_LON_E7, "4.lon"),
        within(parts.get(2), 0, MOST_16, "4.accuracy"),
        within(parts.get(3), 0, MOST_16, "4.age"),
        within(parts.get(4), 0, 255, "4.source"));
  }

  private static Battery battery(Object value) throws EnvelopeError {
    if (value == null) {
      return null;
    }
    if (!(value instanceof List<?> parts) || parts.size() != 2) {
      throw new EnvelopeError("wrong-type", "field 5");
    }
    long phone = within(parts.get(0), 0, NOT_KNOWN, "5");
    long button = within(parts.get(1), 0, NOT_KNOWN, "5");
    return new Battery(percent(phone), percent(button));
  }

  private static Long percent(long level) throws EnvelopeError {
    if (level > 100 && level < NOT_KNOWN) {
      throw new EnvelopeError("out-of-range", "field 5 is a percentage, or 255 for unknown");
    }
    return level == NOT_KNOWN ? null : level;
  }

  private static byte[] body(Object value) throws EnvelopeError {
    if (value != null && !(value instanceof byte[])) {
      throw new EnvelopeError("wrong-type", "field 9");
    }
    return (byte[]) value;
  }
}
