package egide.core.protocol;

/** What set a message off; DURESS on a cancellation means that the code was entered under threat. */
public final class Trigger {
  public static final int UNKNOWN = 0, BUTTON = 1, SCREEN = 2, DURESS = 3;

  private Trigger() {}
}
