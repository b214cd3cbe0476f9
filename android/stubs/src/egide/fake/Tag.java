package egide.fake;

import android.bluetooth.BluetoothGatt;
import android.bluetooth.BluetoothGattCharacteristic;
import android.bluetooth.BluetoothGattDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** An invented button, and what Android's Bluetooth makes of it. Bytes are handed through: what they mean, core and button know. */
public final class Tag {
  public static final String ADDRESS = "C0:FF:EE:00:00:01";
  public final List<byte[]> written = new ArrayList<>();
  public final List<byte[]> waiting = new ArrayList<>();
  public boolean isOn = true;
  public boolean isNear = true;
  public boolean isBonded;
  /** The button no longer knows this phone. */
  public boolean refuses;
  /** It never answers what it is asked. */
  public boolean isMute;
  /** What `claim` reads as, one after the other. */
  public final java.util.Deque<byte[]> claims = new java.util.ArrayDeque<>();
  public int links;
  private final Handset handset;
  private BluetoothGatt gatt;
  private boolean isLinked;
  private boolean isSubscribed;
  private Object busy;

  Tag(Handset handset) {
    this.handset = handset;
  }

  public boolean isListened() {
    return isLinked && isSubscribed;
  }

  /** The process that held the link is gone. */
  void drop() {
    gatt = null;
    isLinked = isSubscribed = false;
    busy = null;
  }

  // -- from the app ----------------------------------------------------------------------------------------------

  public void connect(BluetoothGatt gatt) {
    this.gatt = gatt;
    reach();
  }

  public void close(BluetoothGatt gatt) {
    if (gatt == this.gatt) drop();
  }

  /** Two things at once Android refuses. */
  private boolean begin(Object what) {
    if (busy != null || !isLinked) return false;
    busy = what;
    return true;
  }

  private void answer(Runnable told) {
    if (isMute) return;
    Object asked = busy;
    BluetoothGatt link = gatt;
    event(() -> {
      if (link != gatt || asked != busy) return;
      busy = null;
      told.run();
    });
  }

  public boolean discover() {
    if (!begin("services")) return false;
    answer(() -> gatt.callback.onServicesDiscovered(gatt, 0));
    return true;
  }

  public boolean subscribe(BluetoothGattDescriptor descriptor) {
    if (!begin(descriptor)) return false;
    answer(() -> {
      isSubscribed = !refuses;
      gatt.callback.onDescriptorWrite(gatt, descriptor, refuses ? 8 : 0);
      if (isSubscribed) for (byte[] frame : List.copyOf(waiting)) notify(frame);
    });
    return true;
  }

  public boolean write(BluetoothGattCharacteristic characteristic) {
    if (!begin(characteristic)) return false;
    byte[] value = characteristic.getValue();
    answer(() -> {
      written.add(value);
      gatt.callback.onCharacteristicWrite(gatt, characteristic, 0);
    });
    return true;
  }

  public boolean read(BluetoothGattCharacteristic characteristic, UUID claim) {
    if (!begin(characteristic)) return false;
    answer(() -> {
      boolean isClaim = characteristic.getUuid().equals(claim);
      if (isClaim) isBonded = true;
      characteristic.setValue(isClaim ? claims.poll() : new byte[] {77});
      gatt.callback.onCharacteristicRead(gatt, characteristic, 0);
    });
    return true;
  }

  // -- from the world --------------------------------------------------------------------------------------------

  /** The controller brings it, also to a processor that sleeps. */
  private void event(Runnable what) {
    handset.stir();
    handset.post(what, 0, this);
  }

  private void reach() {
    if (gatt == null || isLinked || !isOn || !isNear) return;
    BluetoothGatt link = gatt;
    event(() -> {
      if (link != gatt || !isOn || !isNear) return;
      isLinked = true;
      links++;
      gatt.callback.onConnectionStateChange(gatt, 0, 2);
    });
  }

  private void lose() {
    if (!isLinked) return;
    BluetoothGatt link = gatt;
    isLinked = isSubscribed = false;
    busy = null;
    event(() -> {
      if (link == gatt && gatt != null) gatt.callback.onConnectionStateChange(gatt, 8, 0);
    });
  }

  public void near(boolean isNear) {
    this.isNear = isNear;
    if (isNear) reach();
    else lose();
  }

  /** Bluetooth is switched, in the settings or from the status bar. */
  public void power(boolean isOn) {
    this.isOn = isOn;
    if (!isOn) {
      lose();
      handset.air.drop();
    }
    handset.tell(new android.content.Intent("android.bluetooth.adapter.action.STATE_CHANGED"));
  }

  /** It says a press until somebody listens. */
  public void press(byte[] frame) {
    waiting.add(frame);
    if (isListened()) notify(frame);
  }

  private void notify(byte[] frame) {
    waiting.remove(frame);
    event(() -> gatt.heard(frame));
  }

  /** The bond is removed in the phone's settings. */
  public void unbond() {
    isBonded = false;
    android.content.Intent told = new android.content.Intent("android.bluetooth.device.action.BOND_STATE_CHANGED");
    handset.tell(told.with("android.bluetooth.device.extra.DEVICE", new android.bluetooth.BluetoothDevice(ADDRESS)).with("android.bluetooth.device.extra.BOND_STATE", 10));
    lose();
  }
}
