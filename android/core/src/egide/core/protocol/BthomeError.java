package egide.core.protocol;

/** Not an advertisement to rely on; `reason` is one of the words of contracts/bthome.json. */
public final class BthomeError extends Exception {
  public final String reason;

  BthomeError(String reason) {
    super(reason);
    this.reason = reason;
  }
}
