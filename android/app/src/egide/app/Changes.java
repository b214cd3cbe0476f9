package egide.app;

import android.bluetooth.BluetoothAdapter;
import android.bluetooth.BluetoothDevice;
import android.content.BroadcastReceiver;
import android.content.Context;
import android.content.Intent;
import android.content.IntentFilter;
import android.net.ConnectivityManager;
import android.net.Network;
import android.os.PowerManager;

/** What the platform says by itself while the process lives: Bluetooth, bonds, the network, the unlock, exemptions. */
final class Changes extends BroadcastReceiver {
  private final Running running;

  Changes(Running running) {
    this.running = running;
  }

  void follow() {
    IntentFilter filter = new IntentFilter();
    filter.addAction(BluetoothAdapter.ACTION_STATE_CHANGED);
    filter.addAction(BluetoothDevice.ACTION_BOND_STATE_CHANGED);
    filter.addAction(Intent.ACTION_USER_UNLOCKED);
    filter.addAction(PowerManager.ACTION_DEVICE_IDLE_MODE_CHANGED);
    running.safe.registerReceiver(this, filter, null, running.handler, Context.RECEIVER_NOT_EXPORTED);
    running.safe.getSystemService(ConnectivityManager.class).registerDefaultNetworkCallback(
        new ConnectivityManager.NetworkCallback() {
          @Override
          public void onAvailable(Network network) {
            running.phone.onNetwork();
          }
        },
        running.handler);
  }

  @Override
  public void onReceive(Context context, Intent intent) {
    String action = String.valueOf(intent.getAction());
    switch (action) {
      case BluetoothDevice.ACTION_BOND_STATE_CHANGED -> running.radio.onBond(intent);
      case Intent.ACTION_USER_UNLOCKED -> running.unlocked();
      // Bluetooth; or the end of Doze, in which what is due waited.
      default -> running.awake.look();
    }
    running.changed();
  }
}
