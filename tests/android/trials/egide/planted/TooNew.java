package egide.planted;

import android.bluetooth.BluetoothGatt;
import android.bluetooth.BluetoothGattCallback;
import android.bluetooth.BluetoothGattCharacteristic;

/** Overrides what Android 12 never calls: the lint must find it. */
final class TooNew extends BluetoothGattCallback {
  public void onCharacteristicChanged(BluetoothGatt gatt, BluetoothGattCharacteristic characteristic, byte[] value) {}
}
