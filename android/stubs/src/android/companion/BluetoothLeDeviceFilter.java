package android.companion;

import android.bluetooth.le.ScanFilter;
import android.bluetooth.le.ScanResult;

public final class BluetoothLeDeviceFilter implements DeviceFilter<ScanResult> {
  BluetoothLeDeviceFilter() {}

  public static final class Builder {
    public Builder() {}

    public Builder setScanFilter(ScanFilter filter) {
      return this;
    }

    public BluetoothLeDeviceFilter build() {
      return new BluetoothLeDeviceFilter();
    }
  }
}
