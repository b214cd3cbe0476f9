package egide.core.protocol;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Settings of one kit that the phone must know: `holdMs` of its screen, `buttonHoldMs` of its button. `version` is 0 for
 * those of the issue; it only rises.
 */
public record Settings(
    long holdMs, long positionIntervalS, long heartbeatIntervalS, long tailS, long buttonHoldMs, long version) {
  /** The word of what is pending, when a reply sets them. */
  public static final String PENDING = "settings";
  /** Bodies of notices: the phone took this version; the button did, over its own link. */
  public static final String PHONE_TOOK = "settings:", BUTTON_TOOK = "button-settings:";

  private static final long MOST_VERSION = (1L << 32) - 1;
  private static final Settings OF_ISSUE = new Settings(2000, 5, 900, 3600, 2000, 0);

  /** Those in an object of JSON; what it leaves out is as at the issue. */
  static Settings of(Fields fields) throws JsonError {
    return new Settings(
        fields.number("hold_ms", OF_ISSUE.holdMs),
        fields.number("position_interval_s", OF_ISSUE.positionIntervalS),
        fields.number("heartbeat_interval_s", OF_ISSUE.heartbeatIntervalS),
        fields.number("tail_s", OF_ISSUE.tailS),
        fields.number("button_hold_ms", OF_ISSUE.buttonHoldMs),
        fields.number("version", OF_ISSUE.version));
  }

  /** What a reply sets; null for what no phone may take: nothing out of bounds, nothing without a version. */
  public static Settings inReply(String text) {
    Settings settings;
    try {
      settings = of(Json.readFields(Bytes.utf8(text)));
    } catch (JsonError error) {
      return null;
    }
    boolean isNumbered = settings.version >= 1 && settings.version <= MOST_VERSION;
    return isNumbered && settings.isWithinBounds() ? settings : null;
  }

  /** Least and most of each, with the reasons of src/egide/protocol/settings.py. */
  private boolean isWithinBounds() {
    return isWithin(holdMs, 1000, 5000)
        && isWithin(buttonHoldMs, 1000, 5000)
        && isWithin(positionIntervalS, 5, 60)
        && isWithin(heartbeatIntervalS, 300, 900)
        && isWithin(tailS, 600, 14_400);
  }

  private static boolean isWithin(long value, long least, long most) {
    return value >= least && value <= most;
  }

  /** As they stand in an enrolment. */
  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("hold_ms", holdMs);
    fields.put("position_interval_s", positionIntervalS);
    fields.put("heartbeat_interval_s", heartbeatIntervalS);
    fields.put("tail_s", tailS);
    fields.put("button_hold_ms", buttonHoldMs);
    fields.put("version", version);
    return fields;
  }
}
