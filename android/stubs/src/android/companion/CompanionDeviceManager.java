package android.companion;

import android.bluetooth.BluetoothDevice;
import android.bluetooth.le.ScanResult;
import android.content.Intent;
import android.content.IntentSender;
import android.os.Handler;
import egide.fake.Handset;
import egide.fake.Tag;

public final class CompanionDeviceManager {
  public static final String EXTRA_DEVICE = "android.companion.extra.DEVICE";

  CompanionDeviceManager() {}

  public abstract static class Callback {
    public Callback() {}

    public void onDeviceFound(IntentSender chooser) {}

    public abstract void onFailure(CharSequence error);
  }

  /** The person chooses the only button there is, or finds none. */
  public void associate(AssociationRequest request, Callback callback, Handler handler) {
    if (!Handset.now().tag.isNear) {
      callback.onFailure("none");
      return;
    }
    Intent data = new Intent("chosen").with(EXTRA_DEVICE, new ScanResult(new BluetoothDevice(Tag.ADDRESS)));
    callback.onDeviceFound(new IntentSender(answer -> answer.accept(data)));
  }

  public void startObservingDevicePresence(String address) {
    Handset.now().associated.add(address);
  }
}
