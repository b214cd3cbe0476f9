package android.bluetooth;

import egide.fake.Beyond;
import egide.fake.Handset;
import java.util.UUID;

public final class BluetoothGatt implements BluetoothProfile {
  public static final int GATT_SUCCESS = 0;
  private static final String BASE = "-a7d5-4ac0-9c75-44fafc061aa0";
  private static final UUID CLAIM = UUID.fromString("8b3f0004" + BASE);
  @Beyond public final BluetoothGattCallback callback;
  private final BluetoothGattCharacteristic press = new BluetoothGattCharacteristic(UUID.fromString("8b3f0002" + BASE));
  private boolean isNotified;

  BluetoothGatt(BluetoothGattCallback callback) {
    this.callback = callback;
  }

  public boolean discoverServices() {
    return Handset.now().tag.discover();
  }

  public BluetoothGattService getService(UUID service) {
    return new BluetoothGattService(press);
  }

  public boolean setCharacteristicNotification(BluetoothGattCharacteristic characteristic, boolean isOn) {
    isNotified = isOn;
    return true;
  }

  public boolean writeDescriptor(BluetoothGattDescriptor descriptor) {
    BluetoothDevice.check();
    return Handset.now().tag.subscribe(descriptor);
  }

  public boolean writeCharacteristic(BluetoothGattCharacteristic characteristic) {
    BluetoothDevice.check();
    return Handset.now().tag.write(characteristic);
  }

  public boolean readCharacteristic(BluetoothGattCharacteristic characteristic) {
    BluetoothDevice.check();
    return Handset.now().tag.read(characteristic, CLAIM);
  }

  public void close() {
    BluetoothDevice.check();
    Handset.now().tag.close(this);
  }

  /** A notification arrives: dropped where the app did not ask for it on its own side too. */
  @Beyond
  public void heard(byte[] frame) {
    press.setValue(frame);
    if (isNotified) callback.onCharacteristicChanged(this, press);
  }
}
