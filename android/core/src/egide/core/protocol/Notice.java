package egide.core.protocol;

/** Bodies of notices that the phone sends by itself, as UTF-8: field 9 of the envelope. */
public final class Notice {
  public static final String BUTTON_UNPAIRED = "button-unpaired";
  public static final String BUTTON_FINDABLE = "button-findable";
  public static final String FRAME_REFUSED = "button-frame-refused";
  public static final String POSITION_REFUSED = "position-refused";
  public static final String POSITION_ALLOWED = "position-allowed";
  public static final String MICROPHONE_REFUSED = "microphone-refused";
  public static final String MICROPHONE_ALLOWED = "microphone-allowed";
  /** A notice that begins so names the version of the phone's app behind it; sent when it changed. */
  public static final String APP_VERSION = "app-version:";

  private Notice() {}
}
