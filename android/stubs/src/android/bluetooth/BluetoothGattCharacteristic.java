package android.bluetooth;

import java.util.UUID;

public class BluetoothGattCharacteristic {
  public static final int WRITE_TYPE_DEFAULT = 2;
  private final UUID uuid;
  private byte[] value;

  BluetoothGattCharacteristic(UUID uuid) {
    this.uuid = uuid;
  }

  public UUID getUuid() {
    return uuid;
  }

  public byte[] getValue() {
    return value;
  }

  public boolean setValue(byte[] value) {
    this.value = value;
    return true;
  }

  public void setWriteType(int type) {}

  public BluetoothGattDescriptor getDescriptor(UUID descriptor) {
    return new BluetoothGattDescriptor();
  }
}
