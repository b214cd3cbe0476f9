package android.bluetooth;

import java.util.UUID;

public class BluetoothGattService {
  private final BluetoothGattCharacteristic press;

  BluetoothGattService(BluetoothGattCharacteristic press) {
    this.press = press;
  }

  public BluetoothGattCharacteristic getCharacteristic(UUID characteristic) {
    return characteristic.equals(press.getUuid()) ? press : new BluetoothGattCharacteristic(characteristic);
  }
}
