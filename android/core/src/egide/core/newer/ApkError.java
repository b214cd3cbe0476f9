package egide.core.newer;

/** No signed app, or one of which something was changed since. */
public final class ApkError extends Exception {
  ApkError(String reason) {
    super(reason);
  }

  ApkError(Exception cause) {
    super(cause);
  }
}
