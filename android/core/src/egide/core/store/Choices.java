package egide.core.store;

import egide.core.protocol.Cbor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the person chose. `listenOff`: the operator switched listening in off, for the alarm that is open.
 * `toldVersion`: the version of this program that the zone knows of. `testedAtUs`: only until codes are chosen, then it
 * lies under hers; null for never. `buttonHeardAtUs`: when the button last said a press; null for never.
 */
public record Choices(
    boolean vibrates, boolean listens, boolean listenOff, Long testedAtUs, String toldVersion, Long buttonHeardAtUs) {
  static final Choices NONE = new Choices(false, false, false, null, "", null);
  private static final long VIBRATES = 1, LISTENS = 2, LISTEN_OFF = 3, TESTED = 4, TOLD = 5, HEARD = 6;

  byte[] written() {
    Map<Long, Object> fields = new LinkedHashMap<>();
    fields.put(VIBRATES, vibrates);
    fields.put(LISTENS, listens);
    fields.put(LISTEN_OFF, listenOff);
    if (testedAtUs != null) {
      fields.put(TESTED, testedAtUs);
    }
    fields.put(TOLD, toldVersion);
    if (buttonHeardAtUs != null) {
      fields.put(HEARD, buttonHeardAtUs);
    }
    return Cbor.encode(fields);
  }

  /** What is not there is as nobody chose it. Throws IllegalArgumentException for what `written` does not give. */
  static Choices read(byte[] data) {
    Map<?, ?> fields = Kept.fields(data);
    return new Choices(
        Boolean.TRUE.equals(fields.get(VIBRATES)),
        Boolean.TRUE.equals(fields.get(LISTENS)),
        Boolean.TRUE.equals(fields.get(LISTEN_OFF)),
        fields.get(TESTED) instanceof Long testedAtUs ? testedAtUs : null,
        fields.get(TOLD) instanceof String version ? version : "",
        fields.get(HEARD) instanceof Long heardAtUs ? heardAtUs : null);
  }

  public Choices vibrating(boolean vibrates) {
    return new Choices(vibrates, listens, listenOff, testedAtUs, toldVersion, buttonHeardAtUs);
  }

  public Choices listening(boolean listens) {
    return new Choices(vibrates, listens, listenOff, testedAtUs, toldVersion, buttonHeardAtUs);
  }

  public Choices switchedOff(boolean listenOff) {
    return new Choices(vibrates, listens, listenOff, testedAtUs, toldVersion, buttonHeardAtUs);
  }

  public Choices tested(Long testedAtUs) {
    return new Choices(vibrates, listens, listenOff, testedAtUs, toldVersion, buttonHeardAtUs);
  }

  public Choices told(String toldVersion) {
    return new Choices(vibrates, listens, listenOff, testedAtUs, toldVersion, buttonHeardAtUs);
  }

  public Choices heard(long buttonHeardAtUs) {
    return new Choices(vibrates, listens, listenOff, testedAtUs, toldVersion, buttonHeardAtUs);
  }

  /** The same with these times. */
  Choices at(Long testedAtUs, Long buttonHeardAtUs) {
    return new Choices(vibrates, listens, listenOff, testedAtUs, toldVersion, buttonHeardAtUs);
  }
}
