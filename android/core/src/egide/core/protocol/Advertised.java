package egide.core.protocol;

import java.util.List;

/** One authentic advertisement. `events`: one for each button of the device, as it was sent. */
public record Advertised(long counter, List<Integer> events, Long batteryPct, Long packet) {
  private static final int LONG_PRESS = 0x04, HOLD_PRESS = 0x80;

  /** Whether a button was held: a short touch happens in every pocket. */
  public boolean isAlarm() {
    return events.contains(LONG_PRESS) || events.contains(HOLD_PRESS);
  }

  /** Refuses a counter that is not above the highest that was ever taken. */
  public void checkFresh(long highest) throws BthomeError {
    if (counter <= highest) {
      throw new BthomeError("replay");
    }
  }
}
