package android.companion;

import android.app.Service;
import android.content.Intent;
import android.os.IBinder;

public abstract class CompanionDeviceService extends Service {
  public CompanionDeviceService() {}

  public void onDeviceAppeared(String address) {}

  public void onDeviceDisappeared(String address) {}

  @Override
  public final IBinder onBind(Intent intent) {
    return null;
  }
}
