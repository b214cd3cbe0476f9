package android.app;

import android.content.Context;
import android.content.Intent;
import android.content.IntentSender;
import egide.fake.Beyond;
import egide.fake.Handset;
import java.util.Map;
import java.util.Objects;

public final class PendingIntent {
  public static final int FLAG_IMMUTABLE = 1 << 26;
  public static final int FLAG_MUTABLE = 1 << 25;
  public static final int FLAG_ONE_SHOT = 1 << 30;
  public static final int FLAG_UPDATE_CURRENT = 1 << 27;
  private final Intent intent;
  private final boolean isService;
  private final boolean isMutable;

  private PendingIntent(Intent intent, boolean isService, boolean isMutable) {
    this.intent = intent;
    this.isService = isService;
    this.isMutable = isMutable;
  }

  private static PendingIntent made(Intent intent, int flags, boolean isService) {
    boolean isMutable = (flags & FLAG_MUTABLE) != 0;
    if (isMutable == ((flags & FLAG_IMMUTABLE) != 0)) throw new IllegalArgumentException("Android 12 asks whether it may be changed");
    // Android 14, of an app that is made for it.
    if (isMutable && !intent.isForOnePackage()) throw new IllegalArgumentException("an intent that anybody may take, and change");
    return new PendingIntent(intent, isService, isMutable);
  }

  public static PendingIntent getForegroundService(Context context, int request, Intent intent, int flags) {
    return made(intent, flags, true);
  }

  public static PendingIntent getBroadcast(Context context, int request, Intent intent, int flags) {
    return made(intent, flags, false);
  }

  public IntentSender getIntentSender() {
    return new IntentSender(this);
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

  /** The platform adds what became of something, where it may. */
  @Beyond
  public void sendWith(Map<String, Object> extras) {
    Intent told = new Intent(intent.getAction());
    if (isMutable) extras.forEach(told::with);
    Handset.now().tell(told);
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
