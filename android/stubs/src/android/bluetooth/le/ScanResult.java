package android.bluetooth.le;

import android.bluetooth.BluetoothDevice;
import android.os.ParcelUuid;
import android.os.Parcelable;
import egide.fake.Beyond;

public final class ScanResult implements Parcelable {
  private final BluetoothDevice device;
  private final ScanRecord record;

  @Beyond
  public ScanResult(BluetoothDevice device) {
    this(device, null, null);
  }

  @Beyond
  public ScanResult(BluetoothDevice device, ParcelUuid uuid, byte[] data) {
    this.device = device;
    record = uuid == null ? null : new ScanRecord(uuid, data);
  }

  public BluetoothDevice getDevice() {
    return device;
  }

  public ScanRecord getScanRecord() {
    return record;
  }
}
