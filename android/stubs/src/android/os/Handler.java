package android.os;

import egide.fake.Handset;

public class Handler {
  private final Looper looper;

  public Handler(Looper looper) {
    this.looper = looper;
  }

  public final boolean post(Runnable what) {
    Handset.now().post(what, 0, what);
    return true;
  }

  public final boolean postDelayed(Runnable what, long delayMs) {
    Handset.now().post(what, delayMs, what);
    return true;
  }

  public final void removeCallbacks(Runnable what) {
    Handset.now().unpost(what);
  }

  public final Looper getLooper() {
    return looper;
  }
}
