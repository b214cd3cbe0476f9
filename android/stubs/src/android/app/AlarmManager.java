package android.app;

import egide.fake.Handset;

public class AlarmManager {
  public static final int ELAPSED_REALTIME_WAKEUP = 2;

  AlarmManager() {}

  public void setAndAllowWhileIdle(int type, long atMs, PendingIntent intent) {
    cancel(intent);
    Handset.now().alarms.add(new Handset.Alarm(atMs, intent));
  }

  public void cancel(PendingIntent intent) {
    Handset.now().alarms.removeIf(each -> each.intent().equals(intent));
  }
}
