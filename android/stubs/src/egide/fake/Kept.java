package egide.fake;

import android.content.SharedPreferences;
import java.util.HashMap;
import java.util.Map;

/** Preferences on the invented disk: `commit` is the moment from which they outlive the process. */
final class Kept implements SharedPreferences {
  private final Map<String, Object> disk;

  Kept(Map<String, Object> disk) {
    this.disk = disk;
  }

  @Override
  public String getString(String key, String fallback) {
    return (String) disk.getOrDefault(key, fallback);
  }

  @Override
  public Editor edit() {
    Map<String, Object> changed = new HashMap<>();
    return new Editor() {
      @Override
      public Editor putString(String key, String value) {
        changed.put(key, value);
        return this;
      }

      @Override
      public boolean commit() {
        disk.putAll(changed);
        return true;
      }
    };
  }
}
