package android.bluetooth;

import android.bluetooth.le.BluetoothLeScanner;
import egide.fake.Handset;

public final class BluetoothAdapter {
  public static final String ACTION_STATE_CHANGED = "android.bluetooth.adapter.action.STATE_CHANGED";

  BluetoothAdapter() {}

  public boolean isEnabled() {
    return Handset.now().tag.isOn;
  }

  public BluetoothLeScanner getBluetoothLeScanner() {
    return new BluetoothLeScanner();
  }

  public BluetoothDevice getRemoteDevice(String address) {
    return new BluetoothDevice(address);
  }
}
