package android.content;

import android.net.Uri;
import android.os.Parcelable;
import egide.fake.Beyond;
import java.util.HashMap;
import java.util.Map;

public class Intent {
  public static final String ACTION_USER_UNLOCKED = "android.intent.action.USER_UNLOCKED";
  private final String action;
  private final String name;
  private final Map<String, Object> extras = new HashMap<>();

  public Intent(String action) {
    this.action = action;
    name = null;
  }

  public Intent(String action, Uri data) {
    this(action);
  }

  public Intent(Context context, Class<?> kind) {
    action = null;
    name = kind.getName();
  }

  public String getAction() {
    return action;
  }

  public Intent setPackage(String name) {
    return this;
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
