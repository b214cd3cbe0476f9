package android.app;

import android.content.Context;
import android.content.Intent;
import egide.fake.Beyond;
import egide.fake.Handset;
import java.util.Objects;

public final class PendingIntent {
  public static final int FLAG_IMMUTABLE = 1 << 26;
  public static final int FLAG_ONE_SHOT = 1 << 30;
  public static final int FLAG_UPDATE_CURRENT = 1 << 27;
  private final Intent intent;
  private final boolean isService;

  private PendingIntent(Intent intent, boolean isService) {
    this.intent = intent;
    this.isService = isService;
  }

  private static PendingIntent made(Intent intent, int flags, boolean isService) {
    if ((flags & FLAG_IMMUTABLE) == 0) throw new IllegalArgumentException("Android 12 asks whether it may be changed");
    return new PendingIntent(intent, isService);
  }

  public static PendingIntent getForegroundService(Context context, int request, Intent intent, int flags) {
    return made(intent, flags, true);
  }

  public static PendingIntent getBroadcast(Context context, int request, Intent intent, int flags) {
    return made(intent, flags, false);
  }

  /** The platform does what it stands for; the answer of a broadcast is `code`. */
  @Beyond
  public void send(int code) {
    if (!isService) {
      Handset.now().tell(intent.with("code", code));
      return;
    }
    try {
      Handset.now().startService(intent);
    } catch (IllegalStateException refused) {
      // An alarm by itself is no exemption: nothing starts.
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PendingIntent one && one.isService == isService && Objects.equals(one.intent.name(), intent.name()) && Objects.equals(one.intent.getAction(), intent.getAction());
  }

  @Override
  public int hashCode() {
    return Objects.hash(intent.name(), intent.getAction());
  }
}
