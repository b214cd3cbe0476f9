package egide.core.protocol;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * JSON (RFC 8259) from servers, and to them. Android's own reader is not on the JVM, and takes much that is no JSON.
 *
 * Values are Map, List, String, Long, BigDecimal for other numbers, Boolean and null.
 */
public final class Json {
  private static final int MAX_DEPTH = 32;
  /** Digits and exponents of a number that could be meant; more of them only cost time. */
  private static final int MAX_NUMBER_SIGNS = 40;

  private Json() {}

  /** What `data` says. */
  public static Object read(byte[] data) throws JsonError {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(data)).toString();
    } catch (CharacterCodingException error) {
      throw new JsonError("not UTF-8");
    }
    Reader reader = new Reader(text);
    Object value = reader.value(0);
    reader.space();
    if (reader.at < text.length()) {
      throw reader.unexpected();
    }
    return value;
  }

  /** The object that `data` is. */
  public static Fields readFields(byte[] data) throws JsonError {
    return Fields.of(read(data));
  }

  /** The text of `value`, of the kinds that `read` gives. */
  public static String write(Object value) {
    StringBuilder text = new StringBuilder();
    write(text, value);
    return text.toString();
  }

  private static void write(StringBuilder text, Object value) {
    if (value instanceof Map<?, ?> map) {
      String between = "{";
      for (Map.Entry<?, ?> each : map.entrySet()) {
        text.append(between);
        quote(text, (String) each.getKey());
        text.append(':');
        write(text, each.getValue());
        between = ",";
      }
      text.append(map.isEmpty() ? "{}" : "}");
    } else if (value instanceof List<?> list) {
      String between = "[";
      for (Object each : list) {
        text.append(between);
        write(text, each);
        between = ",";
      }
      text.append(list.isEmpty() ? "[]" : "]");
    } else if (value instanceof String words) {
      quote(text, words);
    } else {
      text.append(value);
    }
  }

  private static void quote(StringBuilder text, String words) {
    text.append('"');
    for (int at = 0; at < words.length(); at++) {
      char sign = words.charAt(at);
      int named = "\"\\\b\f\n\r\t".indexOf(sign);
      if (named >= 0) {
        text.append('\\').append("\"\\bfnrt".charAt(named));
      } else if (sign < ' ') {
        text.append("\\u00").append(Bytes.toHex(new byte[] {(byte) sign}));
      } else {
        text.append(sign);
      }
    }
    text.append('"');
  }

  /** Reads one value after the other; `at` is the sign that comes next. */
  private static final class Reader {
    private final String text;
    private int at;

    Reader(String text) {
      this.text = text;
    }

    Object value(int depth) throws JsonError {
      if (depth > MAX_DEPTH) {
        throw new JsonError("nested more than " + MAX_DEPTH + " deep");
      }
      space();
      char first = peek();
      switch (first) {
        case '{':
          return map(depth);
        case '[':
          return list(depth);
        case '"':
          return string();
        case 't':
          return word("true", Boolean.TRUE);
        case 'f':
          return word("false", Boolean.FALSE);
        case 'n':
          return word("null", null);
        default:
          return number();
      }
    }

    private Map<String, Object> map(int depth) throws JsonError {
      Map<String, Object> map = new LinkedHashMap<>();
      at++;
      space();
      if (taken('}')) {
        return map;
      }
      while (true) {
        space();
        if (peek() != '"') {
          throw unexpected();
        }
        String key = string();
        space();
        take(':');
        map.put(key, value(depth + 1));
        space();
        if (taken('}')) {
          return map;
        }
        take(',');
      }
    }

    private List<Object> list(int depth) throws JsonError {
      List<Object> list = new ArrayList<>();
      at++;
      space();
      if (taken(']')) {
        return list;
      }
      while (true) {
        list.add(value(depth + 1));
        space();
        if (taken(']')) {
          return list;
        }
        take(',');
      }
    }

    private String string() throws JsonError {
      StringBuilder words = new StringBuilder();
      at++;
      while (true) {
        char sign = peek();
        at++;
        if (sign == '"') {
          return words.toString();
        }
        if (sign < ' ') {
          throw new JsonError("a control sign in text");
        }
        words.append(sign == '\\' ? escaped() : sign);
      }
    }

    private char escaped() throws JsonError {
      char sign = peek();
      at++;
      if (sign != 'u') {
        int named = "\"\\/bfnrt".indexOf(sign);
        if (named < 0) {
          throw new JsonError("an unknown escape");
        }
        return "\"\\/\b\f\n\r\t".charAt(named);
      }
      int code = 0;
      for (int each = 0; each < 4; each++) {
        int digit = Character.digit(peek(), 16);
        if (digit < 0 || peek() > 'f') {
          throw new JsonError("an unknown escape");
        }
        code = code << 4 | digit;
        at++;
      }
      return (char) code;
    }

    private Object number() throws JsonError {
      int start = at;
      taken('-');
      if (!taken('0')) {
        digits();
      }
      boolean isWhole = true;
      if (taken('.')) {
        digits();
        isWhole = false;
      }
      if (taken('e') || taken('E')) {
        if (!taken('+')) {
          taken('-');
        }
        digits();
        isWhole = false;
      }
      String signs = text.substring(start, at);
      if (signs.length() > MAX_NUMBER_SIGNS) {
        throw new JsonError("a number of " + signs.length() + " signs");
      }
      if (isWhole && signs.length() < 19) {
        return Long.parseLong(signs);
      }
      try {
        return new BigDecimal(signs);
      } catch (NumberFormatException error) {
        throw new JsonError("a number out of range");
      }
    }

    private void digits() throws JsonError {
      int start = at;
      while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
        at++;
      }
      if (at == start) {
        throw unexpected();
      }
    }

    private Object word(String word, Object value) throws JsonError {
      if (!text.startsWith(word, at)) {
        throw unexpected();
      }
      at += word.length();
      return value;
    }

    private void space() {
      while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
        at++;
      }
    }

    private char peek() throws JsonError {
      if (at >= text.length()) {
        throw new JsonError("ends too early");
      }
      return text.charAt(at);
    }

    private boolean taken(char sign) {
      boolean isThere = at < text.length() && text.charAt(at) == sign;
      at += isThere ? 1 : 0;
      return isThere;
    }

    private void take(char sign) throws JsonError {
      if (!taken(sign)) {
        throw unexpected();
      }
    }

    private JsonError unexpected() {
      return new JsonError("unexpected at " + at);
    }
  }
}
