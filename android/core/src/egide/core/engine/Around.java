package egide.core.engine;

import egide.core.ports.Surroundings;
import egide.core.protocol.LinkFlag;
import egide.core.protocol.Notice;
import egide.core.protocol.Position;
import egide.core.protocol.Source;
import java.util.Map;
import java.util.function.Consumer;

/** What the platform says of the phone itself: where it is, what it may know, its charge. */
final class Around {
  private static final long AT_REST_MS = 3_600_000;
  private static final long MOST_16 = (1 << 16) - 1;

  private final Surroundings platform;
  /** Told whenever position or microphone is refused or allowed. */
  private Consumer<String> onPermission = ignored -> {};
  /** She chose that the desk may listen in. */
  private boolean wantsMicrophone;
  private boolean mayLocate;
  private boolean mayListen;

  Around(Surroundings platform) {
    this.platform = platform;
    mayLocate = platform.mayLocate();
    mayListen = platform.mayListen();
  }

  void onPermission(Consumer<String> onPermission) {
    this.onPermission = onPermission;
  }

  void want(boolean microphone) {
    wantsMicrophone = microphone;
  }

  boolean mayListen() {
    return wantsMicrophone && mayListen;
  }

  /** Looks again at what the platform allows. */
  void look() {
    boolean locates = platform.mayLocate();
    boolean listens = platform.mayListen();
    if (locates != mayLocate) {
      mayLocate = locates;
      onPermission.accept(locates ? Notice.POSITION_ALLOWED : Notice.POSITION_REFUSED);
    }
    if (listens != mayListen) {
      mayListen = listens;
      onPermission.accept(listens ? Notice.MICROPHONE_ALLOWED : Notice.MICROPHONE_REFUSED);
    }
  }

  /** The last fix; null where it is refused or there is none. */
  Position position() {
    Surroundings.Fix fix = mayLocate ? platform.fix() : null;
    if (fix == null) {
      return null;
    }
    int source = fix.isSatellite() ? Source.SATELLITE : Source.NETWORK;
    long accuracyM = Math.min(MOST_16, (long) Math.ceil(fix.accuracyM()));
    long ageS = Math.min(MOST_16, fix.ageMs() / 1000);
    return new Position(fix.latE7(), fix.lonE7(), accuracyM, ageS, source);
  }

  /** `nowMs`: since 1970, by which her page reckons the age of the fix. */
  void describe(Map<String, Object> state, long nowMs) {
    Position position = position();
    state.put("isRadioOff", (platform.withheld() & LinkFlag.RADIO_OFF) != 0);
    state.put("mayLocate", mayLocate);
    state.put("mayListen", mayListen);
    state.put("accuracyM", position == null ? null : (Long) position.accuracyM());
    Surroundings.Fix fix = mayLocate ? platform.fix() : null;
    state.put("fixAtMs", fix == null ? null : (Long) (nowMs - fix.ageMs()));
    state.put("phonePct", phonePct());
  }

  /** The phone's charge in percent; null when it is not known. */
  Long phonePct() {
    int percent = platform.batteryPct();
    return percent < 0 || percent > 100 ? null : (Long) (long) percent;
  }

  /** What stands in the way, for field 6 of the envelope. */
  int flags() {
    int flags = platform.restingMs() >= AT_REST_MS ? LinkFlag.AT_REST : 0;
    flags |= platform.withheld();
    if (!mayLocate) {
      flags |= LinkFlag.POSITION_REFUSED;
    } else if (platform.fix() == null) {
      flags |= LinkFlag.NO_FIX;
    }
    return wantsMicrophone && !mayListen ? flags | LinkFlag.MICROPHONE_REFUSED : flags;
  }

  /** Looks for the best fix in an alarm; spares the battery otherwise. */
  void follow(boolean isAlarm) {
    platform.follow(isAlarm);
  }
}
