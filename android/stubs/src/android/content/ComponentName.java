package android.content;

import egide.fake.Beyond;

public final class ComponentName {
  @Beyond public final String name;

  public ComponentName(String packageName, String className) {
    name = className;
  }
}
