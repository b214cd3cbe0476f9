package egide.core.protocol;

/** The bytes are not in the accepted part of CBOR; `reason` is a short stable word. */
public final class CborError extends Exception {
  public final String reason;

  CborError(String reason, String detail) {
    super(reason + ": " + detail);
    this.reason = reason;
  }
}
