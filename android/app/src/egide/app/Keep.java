package egide.app;

import android.app.Service;
import android.content.Intent;
import android.content.pm.ServiceInfo;
import android.os.IBinder;

/** Keeps the process alive with the screen off. It holds nothing itself: the core is the process's ({@link Running}). */
public final class Keep extends Service {
  private static final int NOTICE = 1;
  private int types;

  @Override
  public void onCreate() {
    super.onCreate();
    stand();
  }

  /** Called at each start, each waking, and with a null intent when the platform brings back a service that it ended. */
  @Override
  public int onStartCommand(Intent intent, int flags, int startId) {
    stand();
    Running running = Running.of(this);
    if (!running.phone.isNeeded()) {
      stopForeground(STOP_FOREGROUND_REMOVE);
      stopSelf();
      return START_NOT_STICKY;
    }
    running.awake.briefly();
    // A permission that came back is announced by nobody.
    running.changed();
    running.awake.look();
    return START_STICKY;
  }

  @Override
  public IBinder onBind(Intent intent) {
    return null;
  }

  /** Swiped away from the list of apps: the service goes on, and says so to a platform that would end it. */
  @Override
  public void onTaskRemoved(Intent intent) {
    Running.of(this).keepIfNeeded();
  }

  /**
   * Says to the platform for what it stays, as far as permissions allow now: one that was withdrawn must not take the
   * others along. `connectedDevice` can always be had (CHANGE_NETWORK_STATE suffices), so that the zone still hears of it.
   */
  private void stand() {
    Grants grants = new Grants(this);
    int wanted = ServiceInfo.FOREGROUND_SERVICE_TYPE_CONNECTED_DEVICE;
    if (grants.locatesUnseen()) wanted |= ServiceInfo.FOREGROUND_SERVICE_TYPE_LOCATION;
    // Android lets a service listen only when it said so while its page was seen, and from then on until it ends.
    boolean mayListen = (types & ServiceInfo.FOREGROUND_SERVICE_TYPE_MICROPHONE) != 0 || Running.of(this).shown.isSeen();
    if (grants.listens() && mayListen) wanted |= ServiceInfo.FOREGROUND_SERVICE_TYPE_MICROPHONE;
    try {
      startForeground(NOTICE, Notice.of(this), wanted);
      types = wanted;
    } catch (SecurityException withdrawn) {
      startForeground(NOTICE, Notice.of(this), ServiceInfo.FOREGROUND_SERVICE_TYPE_CONNECTED_DEVICE);
    } catch (IllegalStateException refused) {
      // Brought back by the platform, without an exemption: it works until the platform ends it again.
    }
  }
}
