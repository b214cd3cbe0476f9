package android.content;

import android.net.Uri;
import android.os.Parcelable;
import egide.fake.Beyond;
import java.util.HashMap;
import java.util.Map;

public class Intent implements Parcelable {
  public static final String ACTION_SENDTO = "android.intent.action.SENDTO";
  public static final String ACTION_USER_UNLOCKED = "android.intent.action.USER_UNLOCKED";
  public static final String EXTRA_INTENT = "android.intent.extra.INTENT";
  public static final int FLAG_ACTIVITY_NEW_TASK = 1 << 28;
  private final String action;
  private final Uri data;
  private final String name;
  private final Map<String, Object> extras = new HashMap<>();
  private boolean isForOnePackage;

  public Intent(String action) {
    this(action, null);
  }

  public Intent(String action, Uri data) {
    this.action = action;
    this.data = data;
    name = null;
  }

  public Intent(Context context, Class<?> kind) {
    action = null;
    data = null;
    name = kind.getName();
  }

  public String getAction() {
    return action;
  }

  public Intent setPackage(String name) {
    isForOnePackage = true;
    return this;
  }

  public Intent addFlags(int flags) {
    return with("flags", flags);
  }

  public Intent putExtra(String key, int value) {
    extras.put(key, value);
    return this;
  }

  @SuppressWarnings("unchecked")
  public <T extends Parcelable> T getParcelableExtra(String key) {
    return (T) extras.get(key);
  }

  public int getIntExtra(String key, int fallback) {
    return (int) extras.getOrDefault(key, fallback);
  }

  @Beyond
  public boolean isForOnePackage() {
    return isForOnePackage || name != null;
  }

  @Beyond
  public Uri data() {
    return data;
  }

  /** The class that it is for. */
  @Beyond
  public String name() {
    return name;
  }

  @Beyond
  public Intent with(String key, Object value) {
    extras.put(key, value);
    return this;
  }
}
