package android.content.pm;

import android.content.ComponentName;
import egide.fake.Handset;

public class PackageManager {
  public static final int COMPONENT_ENABLED_STATE_DISABLED = 2;
  public static final int COMPONENT_ENABLED_STATE_ENABLED = 1;
  public static final int DONT_KILL_APP = 1;
  public static final String FEATURE_HARDWARE_KEYSTORE = "android.hardware.hardware_keystore";
  public static final String FEATURE_TELEPHONY = "android.hardware.telephony";
  public static final int PERMISSION_DENIED = -1;
  public static final int PERMISSION_GRANTED = 0;

  public PackageManager() {}

  public PackageInstaller getPackageInstaller() {
    return Handset.now().installer;
  }

  public boolean hasSystemFeature(String feature) {
    return true;
  }

  public boolean hasSystemFeature(String feature, int version) {
    return Handset.now().hasKeyMint2;
  }

  public void setComponentEnabledSetting(ComponentName component, int state, int flags) {
    Handset.now().components.put(component.name, state);
  }
}
