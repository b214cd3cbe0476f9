package egide.core.phone;

import egide.core.engine.App;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What a page would show of a phone, as far as the web app has it too: the table of words is WORDS in tests/android/comparing.py. */
final class PlayedShown {
  private static final List<String> COMPARED = Arrays.asList(
      "isMuted", "saysCancelled", "saysTrouble", "team", "trouble", "checks", "test", "testUntilMs", "testedAtMs", "answeredAtMs",
      "provedAtMs", "mayLocate", "isPaired", "isConnected", "buttonHeardAtMs", "buttonPct", "phonePct", "vibrates", "listens");

  private Map<String, Object> shown;
  /** A test of the time before there were codes, which no web page knows. */
  private Object testedBefore;

  /** What is shown now; null where it is the same as before. `question` is the one that was asked last. */
  Map<String, Object> news(App app, Object question) {
    Map<String, Object> state = new LinkedHashMap<>();
    app.describe(state);
    Map<String, Object> now = new LinkedHashMap<>();
    COMPARED.forEach(name -> now.put(name, state.get(name)));
    now.put("alarm", app.alarm());
    now.put("question", question);
    now.put("isMicrophoneRefused", Boolean.TRUE.equals(state.get("listens")) && !Boolean.TRUE.equals(state.get("mayListen")));
    if (!"armed".equals(now.get("test"))) {
      now.put("testUntilMs", 0L);
    }
    boolean hasCodes = Boolean.TRUE.equals(state.get("hasCodes"));
    testedBefore = hasCodes ? testedBefore : state.get("testedAtMs");
    if (!hasCodes || Objects.equals(state.get("testedAtMs"), testedBefore)) {
      now.put("testedAtMs", null);
    }
    if (now.equals(shown)) {
      return null;
    }
    shown = now;
    return now;
  }
}
