package android.app;

import android.content.Context;
import egide.fake.Beyond;

public class Notification {
  public static final int VISIBILITY_SECRET = -1;
  @Beyond public String words = "";

  Notification() {}

  public static class Builder {
    private final Notification made = new Notification();

    public Builder(Context context, String channel) {}

    public Builder setContentTitle(CharSequence title) {
      made.words = title + made.words;
      return this;
    }

    public Builder setContentText(CharSequence text) {
      made.words = made.words + ": " + text;
      return this;
    }

    public Builder setSmallIcon(int icon) {
      return this;
    }

    public Builder setVisibility(int visibility) {
      return this;
    }

    public Builder setShowWhen(boolean isShown) {
      return this;
    }

    public Notification build() {
      return made;
    }
  }
}
