package egide.core.engine;

import java.util.LinkedHashMap;
import java.util.Map;

/** What is said of a step: names and values by turns. */
final class Facts {
  private Facts() {}

  static Map<String, Object> of(Object... namesAndValues) {
    Map<String, Object> facts = new LinkedHashMap<>();
    for (int at = 0; at < namesAndValues.length; at += 2) {
      facts.put((String) namesAndValues[at], namesAndValues[at + 1]);
    }
    return facts;
  }
}
