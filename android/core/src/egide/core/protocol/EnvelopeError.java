package egide.core.protocol;

/** The bytes are not an envelope; `reason` is one of the words of contracts/vectors.json. */
public final class EnvelopeError extends Exception {
  public final String reason;

  EnvelopeError(String reason, String detail) {
    super(reason + ": " + detail);
    this.reason = reason;
  }
}
