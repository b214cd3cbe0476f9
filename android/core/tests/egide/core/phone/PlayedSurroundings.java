package egide.core.phone;

import egide.core.ports.Surroundings;

/** A phone whose place, charge and permissions a test sets. */
public final class PlayedSurroundings implements Surroundings {
  public Fix fix = new Fix(504_542_000, 39_523_000, 12, 0, true);
  public boolean mayLocate = true;
  boolean mayListen = true;
  int batteryPct = -1;
  public long restingMs = -1;
  public int withheld;

  @Override
  public Fix fix() {
    return fix;
  }

  @Override
  public boolean mayLocate() {
    return mayLocate;
  }

  @Override
  public boolean mayListen() {
    return mayListen;
  }

  @Override
  public int withheld() {
    return withheld;
  }

  @Override
  public long restingMs() {
    return restingMs;
  }

  @Override
  public int batteryPct() {
    return batteryPct;
  }

  @Override
  public void follow(boolean isAlarm) {}
}
