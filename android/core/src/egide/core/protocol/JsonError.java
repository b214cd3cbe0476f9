package egide.core.protocol;

/** The bytes are not the JSON that was expected. */
public final class JsonError extends Exception {
  JsonError(String message) {
    super(message);
  }
}
