package android.bluetooth;

public abstract class BluetoothGattCallback {
  public BluetoothGattCallback() {}

  public void onConnectionStateChange(BluetoothGatt gatt, int status, int state) {}

  public void onServicesDiscovered(BluetoothGatt gatt, int status) {}

  public void onCharacteristicChanged(BluetoothGatt gatt, BluetoothGattCharacteristic characteristic) {}

  public void onCharacteristicRead(BluetoothGatt gatt, BluetoothGattCharacteristic characteristic, int status) {}

  public void onCharacteristicWrite(BluetoothGatt gatt, BluetoothGattCharacteristic characteristic, int status) {}

  public void onDescriptorWrite(BluetoothGatt gatt, BluetoothGattDescriptor descriptor, int status) {}
}
