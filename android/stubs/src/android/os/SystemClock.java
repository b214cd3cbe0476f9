package android.os;

import egide.fake.Handset;

public final class SystemClock {
  private SystemClock() {}

  public static long elapsedRealtime() {
    return Handset.now().elapsedMs();
  }
}
