package egide.core.protocol;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** Where a press goes as one binary text message when there is no data: a port of a number. */
public record TextRoad(String number, int port) {
  private static final Pattern NUMBER = Pattern.compile("\\+?[0-9]+");
  private static final int MOST_PORT = 65_535;

  /** Null where there is none, and for one that nobody can dial: a press has other roads, and the kit is needed. */
  static TextRoad of(Fields fields) throws JsonError {
    String number = fields.text("number");
    long port = fields.number("port");
    boolean canBeDialled = NUMBER.matcher(number).matches() && port >= 1 && port <= MOST_PORT;
    return canBeDialled ? new TextRoad(number, (int) port) : null;
  }

  /** As it stands in an enrolment. */
  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("number", number);
    fields.put("port", (long) port);
    return fields;
  }
}
