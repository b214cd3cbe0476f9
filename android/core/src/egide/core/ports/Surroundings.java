package egide.core.ports;

/** Where the phone is and how it is, as the platform says it when it is asked. */
public interface Surroundings {
  /** A fix: degrees times 10^7, accuracy in metres, its age in ms by a clock that no one sets. */
  record Fix(int latE7, int lonE7, float accuracyM, long ageMs, boolean isSatellite) {}

  /** The last fix; null when there is none or the position is refused. */
  Fix fix();

  /** Whether the position may be read with the screen off. */
  boolean mayLocate();

  /** Whether sound could be recorded now. */
  boolean mayListen();

  /** What the platform holds back of Bluetooth and the processor: LinkFlag.RADIO_OFF and SAVER_ON, 0 for nothing. */
  int withheld();

  /** How long the phone has not been moved, in ms; -1 when it cannot tell. */
  long restingMs();

  /** The phone's charge in percent; -1 when it is not known. */
  int batteryPct();

  /** Looks for the best fix in an alarm; spares the battery otherwise. */
  void follow(boolean isAlarm);
}
