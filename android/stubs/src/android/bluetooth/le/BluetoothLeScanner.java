package android.bluetooth.le;

import egide.fake.Handset;
import java.util.List;

public final class BluetoothLeScanner {
  @egide.fake.Beyond
  public BluetoothLeScanner() {}

  public void startScan(List<ScanFilter> filters, ScanSettings settings, ScanCallback callback) {
    if (!Handset.now().has("BLUETOOTH_SCAN")) throw new SecurityException("BLUETOOTH_SCAN");
    Handset.now().air.scan(filters, callback);
  }

  public void stopScan(ScanCallback callback) {
    Handset.now().air.stop(callback);
  }
}
