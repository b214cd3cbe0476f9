package egide.planted;

/** As a stub might say them: one of Android 13, one of another value, one that nobody has looked up. */
public class Constants {
  public static final int NEWER = 4;
  public static final int OTHER = -7;
  public static final String SAME = "a.b";
  public static final int UNKNOWN = 1;
}
