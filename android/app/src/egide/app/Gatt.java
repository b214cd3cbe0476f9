package egide.app;

import android.bluetooth.BluetoothAdapter;
import android.bluetooth.BluetoothDevice;
import android.bluetooth.BluetoothGatt;
import android.bluetooth.BluetoothGattCallback;
import android.bluetooth.BluetoothGattCharacteristic;
import android.bluetooth.BluetoothGattDescriptor;
import android.bluetooth.BluetoothGattService;
import android.bluetooth.BluetoothManager;
import android.bluetooth.BluetoothProfile;
import android.content.Context;
import android.content.Intent;
import android.content.SharedPreferences;
import android.os.Handler;
import egide.core.engine.ClaimSteps;
import egide.core.ports.Radio;
import egide.core.time.Steps;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The link to the button (contracts/gatt.md). Everything happens on one thread, `handler`'s: what Android says, and what the core
 * asks for. A step that gets no answer ends the link, which begins anew.
 */
final class Gatt extends BluetoothGattCallback implements Radio {
  static final UUID ALARM = uuid("8b3f0001-a7d5-4ac0-9c75-44fafc061aa0");
  private static final UUID PRESS = uuid("8b3f0002-a7d5-4ac0-9c75-44fafc061aa0");
  private static final UUID ACKNOWLEDGE = uuid("8b3f0003-a7d5-4ac0-9c75-44fafc061aa0");
  private static final UUID CLAIM = uuid("8b3f0004-a7d5-4ac0-9c75-44fafc061aa0");
  private static final UUID BATTERY = uuid("0000180f-0000-1000-8000-00805f9b34fb");
  private static final UUID BATTERY_LEVEL = uuid("00002a19-0000-1000-8000-00805f9b34fb");
  private static final UUID SUBSCRIPTION = uuid("00002902-0000-1000-8000-00805f9b34fb");
  private static final long AGAIN_MS = 1_000;
  // A button that refuses so often in a row no longer knows this phone; once may be a link that broke.
  private static final int REFUSALS = 3;

  /** Lets her choose the button among those in their pairing window, and gives it or null; of the page that is open, null without one. */
  static volatile Consumer<Consumer<BluetoothDevice>> finder;

  private final Context safe;
  private final Handler handler;
  private final SharedPreferences kept;
  private final Awake awake;
  private final Grants grants;
  private final Steps steps;
  private final Runnable connecting = this::connect;
  private Heard heard;
  private BluetoothGatt gatt;
  private ClaimSteps claiming;
  private int refusals;
  private boolean holdIsOnItsWay;
  private volatile boolean isConnected;
  private volatile boolean isPaired;

  Gatt(Context safe, Handler handler, Awake awake) {
    this.safe = safe;
    this.handler = handler;
    this.awake = awake;
    steps = new Steps(awake, this::again);
    kept = safe.getSharedPreferences("app", Context.MODE_PRIVATE);
    grants = new Grants(safe);
    isPaired = button() != null;
  }

  private static UUID uuid(String text) {
    return UUID.fromString(text);
  }

  /** By which Android knows the button that claimed this phone; null when there is none. */
  private String button() {
    return kept.getString("tag", null);
  }

  // -- what the core asks ----------------------------------------------------------------------------------------

  @Override
  public boolean isPaired() {
    return isPaired;
  }

  @Override
  public boolean isConnected() {
    return isConnected;
  }

  @Override
  public void start(Heard heard) {
    handler.post(() -> {
      this.heard = heard;
      connect();
    });
  }

  @Override
  public void stop() {
    handler.post(() -> {
      heard = null;
      close();
    });
  }

  @Override
  public void acknowledge(byte[] acknowledgement) {
    handler.post(() -> write(ALARM, ACKNOWLEDGE, acknowledgement, (isDone, value) -> {}));
  }

  @Override
  public void giveHold(byte[] frame) {
    // A button that knows no such frame refuses it; its presses matter more than the link's good order.
    handler.post(() -> {
      holdIsOnItsWay = true;
      write(ALARM, ACKNOWLEDGE, frame, (isDone, value) -> holdAnswered(isDone));
    });
  }

  private void holdAnswered(boolean isTaken) {
    holdIsOnItsWay = false;
    tell(told -> told.onHold(isTaken));
  }

  @Override
  public void askBattery() {
    handler.post(() -> read(BATTERY, BATTERY_LEVEL, (isDone, value) -> {
      if (isDone && value.length == 1) tell(told -> told.onBattery(value[0]));
    }));
  }

  @Override
  public void pair(Claim claim, Paired paired) {
    handler.post(() -> {
      Consumer<Consumer<BluetoothDevice>> finder = Gatt.finder;
      if (adapter() == null || !adapter().isEnabled()) paired.onFailed("off");
      else if (finder == null || !grants.connects()) paired.onFailed("not-chosen");
      else finder.accept(device -> handler.post(() -> claim(device, claim, paired)));
    });
  }

  private void claim(BluetoothDevice device, Claim claim, Paired paired) {
    if (device == null) {
      paired.onFailed("not-chosen");
      return;
    }
    close();
    // Reading `claim` makes Android pair, in the button's window.
    claiming = new ClaimSteps(
        claim,
        answer -> read(ALARM, CLAIM, answer),
        (value, answer) -> write(ALARM, CLAIM, value, answer),
        word -> claimed(device, paired, word));
    gatt = device.connectGatt(safe, false, this, BluetoothDevice.TRANSPORT_LE, BluetoothDevice.PHY_LE_1M_MASK, handler);
    steps.expect();
  }

  private void claimed(BluetoothDevice device, Paired paired, String word) {
    claiming = null;
    if (word.isEmpty()) {
      // On the disk when it returns: a button that claimed this phone is heard after a restart too.
      kept.edit().putString("tag", device.getAddress()).commit();
      isPaired = true;
      refusals = 0;
    }
    // The link of the claim ends; the one at rest waits for the button by itself from now on.
    again();
    if (word.isEmpty()) paired.onPaired();
    else paired.onFailed(word);
  }

  // -- the link --------------------------------------------------------------------------------------------------

  private BluetoothAdapter adapter() {
    return safe.getSystemService(BluetoothManager.class).getAdapter();
  }

  /** The bonded button; null when it cannot be reached now. */
  private BluetoothDevice known() {
    String address = button();
    if (address == null || !grants.hears()) return null;
    BluetoothDevice device = adapter().getRemoteDevice(address);
    if (device.getBondState() == BluetoothDevice.BOND_BONDED) return device;
    // To ask a button without a bond for anything would have Android offer to pair, in front of whoever looks.
    unpaired();
    return null;
  }

  /** Waits for the button as long as it takes: Android connects in its controller, also while the processor sleeps. */
  private void connect() {
    handler.removeCallbacks(connecting);
    BluetoothDevice device = known();
    if (heard == null || gatt != null || device == null) return;
    gatt = device.connectGatt(safe, true, this, BluetoothDevice.TRANSPORT_LE, BluetoothDevice.PHY_LE_1M_MASK, handler);
    if (gatt == null) again();
  }

  private void close() {
    steps.clear();
    if (gatt != null && grants.connects()) gatt.close();
    gatt = null;
    if (holdIsOnItsWay) holdAnswered(false);
    if (isConnected) {
      isConnected = false;
      tell(told -> told.onLink(false));
    }
    if (claiming != null) claiming.lose();
  }

  private void again() {
    close();
    // A processor that sleeps now would not begin anew, and no press would wake it.
    awake.briefly();
    handler.removeCallbacks(connecting);
    handler.postDelayed(connecting, AGAIN_MS);
  }

  /** Bluetooth was switched on or off, or a permission came back. */
  void onSwitched() {
    handler.post(
        () -> {
          if (known() == null) close();
          else connect();
        });
  }

  /** A bond came or went, also by somebody's hand in the phone's settings. */
  void onBond(Intent intent) {
    BluetoothDevice device = intent.getParcelableExtra(BluetoothDevice.EXTRA_DEVICE);
    int state = intent.getIntExtra(BluetoothDevice.EXTRA_BOND_STATE, BluetoothDevice.ERROR);
    if (device == null || claiming != null || !device.getAddress().equals(button())) return;
    if (state == BluetoothDevice.BOND_NONE) unpaired();
  }

  private void unpaired() {
    if (isPaired) tell(told -> told.onTrouble("button-unpaired"));
    isPaired = false;
  }

  @Override
  public void onConnectionStateChange(BluetoothGatt gatt, int status, int state) {
    if (gatt != this.gatt) return;
    if (status == BluetoothGatt.GATT_SUCCESS && state == BluetoothProfile.STATE_CONNECTED) {
      awake.briefly();
      steps.expect();
      if (!gatt.discoverServices()) again();
    } else again();
  }

  @Override
  public void onServicesDiscovered(BluetoothGatt gatt, int status) {
    if (gatt != this.gatt) return;
    steps.arrived();
    if (claiming != null) claiming.begin();
    else subscribe();
  }

  /** What was pressed meanwhile comes as soon as the button hears that somebody listens, so this is first. */
  private void subscribe() {
    BluetoothGattCharacteristic press = find(ALARM, PRESS);
    BluetoothGattDescriptor descriptor = press == null ? null : press.getDescriptor(SUBSCRIPTION);
    if (descriptor == null || !gatt.setCharacteristicNotification(press, true)) {
      again();
      return;
    }
    descriptor.setValue(BluetoothGattDescriptor.ENABLE_NOTIFICATION_VALUE);
    steps.add(() -> gatt.writeDescriptor(descriptor), (isDone, value) -> subscribed(isDone));
  }

  private void subscribed(boolean isDone) {
    if (isDone) {
      refusals = 0;
      isPaired = true;
      isConnected = true;
      tell(told -> told.onLink(true));
      return;
    }
    if (++refusals >= REFUSALS) unpaired();
    again();
  }

  // The newer method with the bytes beside it is Android 13's, and hands on to this one; Android 12 calls this one alone.
  @Override
  public void onCharacteristicChanged(BluetoothGatt gatt, BluetoothGattCharacteristic characteristic) {
    if (gatt != this.gatt || !PRESS.equals(characteristic.getUuid())) return;
    byte[] frame = characteristic.getValue();
    if (frame == null) return;
    awake.briefly();
    byte[] own = frame.clone();
    tell(told -> told.onFrame(own));
  }

  private void tell(Consumer<Heard> word) {
    if (heard != null) word.accept(heard);
  }

  private BluetoothGattCharacteristic find(UUID service, UUID characteristic) {
    BluetoothGattService found = gatt == null ? null : gatt.getService(service);
    return found == null ? null : found.getCharacteristic(characteristic);
  }

  private void read(UUID service, UUID characteristic, Steps.Answer answer) {
    step(service, characteristic, found -> gatt.readCharacteristic(found), answer);
  }

  private void write(UUID service, UUID characteristic, byte[] value, Steps.Answer answer) {
    step(service, characteristic, found -> found.setValue(value) && gatt.writeCharacteristic(found), answer);
  }

  private void step(UUID service, UUID characteristic, Predicate<BluetoothGattCharacteristic> ask, Steps.Answer answer) {
    BluetoothGattCharacteristic found = find(service, characteristic);
    if (found == null) {
      answer.take(false, null);
      return;
    }
    found.setWriteType(BluetoothGattCharacteristic.WRITE_TYPE_DEFAULT);
    steps.add(() -> ask.test(found), answer);
  }

  @Override
  public void onCharacteristicRead(BluetoothGatt gatt, BluetoothGattCharacteristic characteristic, int status) {
    if (gatt == this.gatt) steps.done(status == BluetoothGatt.GATT_SUCCESS, characteristic.getValue());
  }

  @Override
  public void onCharacteristicWrite(BluetoothGatt gatt, BluetoothGattCharacteristic characteristic, int status) {
    if (gatt == this.gatt) steps.done(status == BluetoothGatt.GATT_SUCCESS, null);
  }

  @Override
  public void onDescriptorWrite(BluetoothGatt gatt, BluetoothGattDescriptor descriptor, int status) {
    if (gatt == this.gatt) steps.done(status == BluetoothGatt.GATT_SUCCESS, null);
  }
}
