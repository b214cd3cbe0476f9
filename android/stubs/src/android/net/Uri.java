package android.net;

import java.net.URI;

public abstract class Uri {
  Uri() {}

  public static Uri parse(String text) {
    return new Uri() {
      @Override
      public String getPath() {
        return URI.create(text).getPath();
      }

      @Override
      public String toString() {
        return text;
      }
    };
  }

  public static Uri fromParts(String scheme, String part, String fragment) {
    return parse(scheme + ":" + part);
  }

  public abstract String getPath();

  public abstract String toString();
}
