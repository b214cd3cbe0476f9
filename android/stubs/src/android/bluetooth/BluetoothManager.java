package android.bluetooth;

public final class BluetoothManager {
  private final BluetoothAdapter adapter = new BluetoothAdapter();

  BluetoothManager() {}

  public BluetoothAdapter getAdapter() {
    return adapter;
  }
}
