package egide.core.protocol;

/** Where a position comes from. */
public final class Source {
  public static final int UNKNOWN = 0, SATELLITE = 1, NETWORK = 2, MANUAL = 3;

  private Source() {}
}
