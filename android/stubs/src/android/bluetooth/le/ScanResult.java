package android.bluetooth.le;

import android.bluetooth.BluetoothDevice;
import android.os.Parcelable;
import egide.fake.Beyond;

public final class ScanResult implements Parcelable {
  private final BluetoothDevice device;

  @Beyond
  public ScanResult(BluetoothDevice device) {
    this.device = device;
  }

  public BluetoothDevice getDevice() {
    return device;
  }
}
