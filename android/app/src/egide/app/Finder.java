package egide.app;

import android.bluetooth.BluetoothDevice;
import java.util.function.Consumer;

/** Lets her choose the button among those in their pairing window; only her page can. */
abstract class Finder {
  /** Of the page that is open; null when there is none. */
  static volatile Finder open;

  /** `chosen` gets the device, or null. */
  abstract void find(Consumer<BluetoothDevice> chosen);
}
