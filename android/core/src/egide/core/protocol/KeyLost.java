package egide.core.protocol;

/** The platform no longer has the phone's key: nothing can be signed until the phone is enrolled again. */
public final class KeyLost extends RuntimeException {
  public KeyLost(String message) {
    super(message);
  }
}
