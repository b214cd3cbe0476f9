package egide.core.protocol;

/** The bytes are not a frame of this button; `reason` is length, version, mac, kind or value. */
public final class FrameError extends Exception {
  public final String reason;

  FrameError(String reason, String detail) {
    super(reason + ": " + detail);
    this.reason = reason;
  }
}
