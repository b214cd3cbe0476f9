package egide.core.protocol;

/** The identifiers of the button's GATT profile (contracts/gatt.md). */
public final class Gatt {
  public static final String ALARM_SERVICE = "8b3f0001-a7d5-4ac0-9c75-44fafc061aa0";
  public static final String PRESS = "8b3f0002-a7d5-4ac0-9c75-44fafc061aa0";
  public static final String ACKNOWLEDGE = "8b3f0003-a7d5-4ac0-9c75-44fafc061aa0";
  public static final String CLAIM = "8b3f0004-a7d5-4ac0-9c75-44fafc061aa0";
  /** Bluetooth SIG, Assigned Numbers: Battery Service and Battery Level. */
  public static final String BATTERY_SERVICE = "0000180f-0000-1000-8000-00805f9b34fb";
  public static final String BATTERY_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb";
  /** The only name that a button ever shows, and only inside its pairing window: it tells nothing (rule 21). */
  public static final String NEUTRAL_NAME = "Tag";

  private Gatt() {}
}
