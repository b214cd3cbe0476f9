package android.os;

import egide.fake.Handset;

public class BatteryManager {
  public static final int BATTERY_PROPERTY_CAPACITY = 4;

  BatteryManager() {}

  public int getIntProperty(int property) {
    return Handset.now().batteryPct;
  }
}
