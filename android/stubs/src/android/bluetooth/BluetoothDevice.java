package android.bluetooth;

import android.content.Context;
import android.os.Handler;
import android.os.Parcelable;
import egide.fake.Beyond;
import egide.fake.Handset;

public final class BluetoothDevice implements Parcelable {
  public static final String ACTION_BOND_STATE_CHANGED = "android.bluetooth.device.action.BOND_STATE_CHANGED";
  public static final int BOND_BONDED = 12;
  public static final int BOND_NONE = 10;
  public static final int ERROR = Integer.MIN_VALUE;
  public static final String EXTRA_BOND_STATE = "android.bluetooth.device.extra.BOND_STATE";
  public static final String EXTRA_DEVICE = "android.bluetooth.device.extra.DEVICE";
  public static final int PHY_LE_1M_MASK = 1;
  public static final int TRANSPORT_LE = 2;
  private final String address;

  @Beyond
  public BluetoothDevice(String address) {
    this.address = address;
  }

  public String getAddress() {
    return address;
  }

  public int getBondState() {
    check();
    return Handset.now().tag.isBonded ? BOND_BONDED : BOND_NONE;
  }

  static void check() {
    if (!Handset.now().has("BLUETOOTH_CONNECT")) throw new SecurityException("BLUETOOTH_CONNECT");
  }

  public BluetoothGatt connectGatt(
      Context context, boolean waits, BluetoothGattCallback callback, int transport, int phy, Handler handler) {
    check();
    BluetoothGatt gatt = new BluetoothGatt(callback);
    Handset.now().tag.connect(gatt);
    return gatt;
  }
}
