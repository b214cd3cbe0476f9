package egide.core.engine;

import java.util.Map;

/** Takes what happens, for a page, a log or a test; nothing of it is stored. The steps are those of the companion. */
public interface Reporter {
  void report(String step, Map<String, Object> facts);
}
