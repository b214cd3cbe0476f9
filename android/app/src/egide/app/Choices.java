package egide.app;

import android.content.Context;
import android.content.SharedPreferences;

/** The few things that the platform's own part remembers; all that is personal is the core's, sealed. */
final class Choices {
  private static final String BUTTON = "tag";
  private final SharedPreferences kept;

  Choices(Context safe) {
    kept = safe.getSharedPreferences("app", Context.MODE_PRIVATE);
  }

  /** By which the platform knows the button that claimed this phone; null when there is none. */
  String button() {
    return kept.getString(BUTTON, null);
  }

  /** On the disk when it returns: a button that claimed this phone is heard after a restart too. */
  void keepButton(String address) {
    kept.edit().putString(BUTTON, address).commit();
  }
}
