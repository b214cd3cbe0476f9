package android.bluetooth;

public class BluetoothGattDescriptor {
  public static final byte[] ENABLE_NOTIFICATION_VALUE = {1, 0};

  BluetoothGattDescriptor() {}

  public boolean setValue(byte[] value) {
    return true;
  }
}
