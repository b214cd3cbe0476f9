package android.os;

import egide.fake.Handset;

public class Build {
  public static class VERSION {
    public static final int SDK_INT = Handset.now().sdk;
  }

  public static class VERSION_CODES {
    public static final int TIRAMISU = 33;
  }
}
