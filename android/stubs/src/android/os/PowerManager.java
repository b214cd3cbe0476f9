package android.os;

import egide.fake.Handset;

public final class PowerManager {
  public static final String ACTION_DEVICE_IDLE_MODE_CHANGED = "android.os.action.DEVICE_IDLE_MODE_CHANGED";
  public static final int PARTIAL_WAKE_LOCK = 1;

  PowerManager() {}

  public boolean isIgnoringBatteryOptimizations(String name) {
    return Handset.now().isExempt;
  }

  public WakeLock newWakeLock(int level, String tag) {
    return new WakeLock();
  }

  public final class WakeLock {
    WakeLock() {}

    private boolean isCounted = true;
    private int held;

    public void setReferenceCounted(boolean isCounted) {
      this.isCounted = isCounted;
    }

    public void acquire() {
      held++;
      Handset.now().locks.put(this, Long.MAX_VALUE);
    }

    public void acquire(long forMs) {
      Handset.now().locks.put(this, Handset.now().elapsedMs() + forMs);
    }

    public void release() {
      if (isCounted && --held < 0) throw new IllegalStateException("released more often than acquired");
      if (!isCounted || held == 0) Handset.now().locks.remove(this);
    }

    public boolean isHeld() {
      return Handset.now().locks.getOrDefault(this, 0L) > Handset.now().elapsedMs();
    }
  }
}
