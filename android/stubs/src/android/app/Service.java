package android.app;

import android.content.ContextWrapper;
import android.content.Intent;
import android.os.IBinder;
import egide.fake.Handset;

public abstract class Service extends ContextWrapper {
  public static final int START_NOT_STICKY = 2;
  public static final int START_STICKY = 1;
  public static final int STOP_FOREGROUND_REMOVE = 1;

  public Service() {
    super(Handset.now().application());
  }

  public void onCreate() {}

  public int onStartCommand(Intent intent, int flags, int startId) {
    return START_STICKY;
  }

  public void onDestroy() {}

  public void onTaskRemoved(Intent intent) {}

  public abstract IBinder onBind(Intent intent);

  public final void startForeground(int id, Notification notification, int types) {
    Handset.now().standForeground(types);
    Handset.now().note(notification.words);
  }

  public final void stopForeground(int how) {
    Handset.now().types = 0;
  }

  public final void stopSelf() {
    Handset.now().stopService();
  }
}
