package egide.app;

import android.Manifest;
import android.bluetooth.BluetoothManager;
import android.content.Context;
import android.content.pm.PackageManager;
import android.os.PowerManager;

/** What the platform allows now. Asked each time: she, or the platform, may take any of it back without a word. */
final class Grants {
  private final Context context;

  Grants(Context context) {
    this.context = context;
  }

  private boolean has(String permission) {
    return context.checkSelfPermission(permission) == PackageManager.PERMISSION_GRANTED;
  }

  /** Nearby devices: Android asks for both in one question. */
  boolean connects() {
    return has(Manifest.permission.BLUETOOTH_CONNECT) && has(Manifest.permission.BLUETOOTH_SCAN);
  }

  /** Whether a button can be heard: Bluetooth is on, and allowed. */
  boolean hears() {
    var adapter = context.getSystemService(BluetoothManager.class).getAdapter();
    return adapter != null && adapter.isEnabled() && connects();
  }

  boolean locates() {
    return has(Manifest.permission.ACCESS_FINE_LOCATION);
  }

  /** Also while no page is seen. */
  boolean locatesUnseen() {
    return locates() && has(Manifest.permission.ACCESS_BACKGROUND_LOCATION);
  }

  boolean listens() {
    return has(Manifest.permission.RECORD_AUDIO);
  }

  boolean texts() {
    return has(Manifest.permission.SEND_SMS);
  }

  /** Whether Doze leaves the app its network and its wake locks. */
  boolean isExempt() {
    return context.getSystemService(PowerManager.class).isIgnoringBatteryOptimizations(context.getPackageName());
  }
}
