package egide.core.protocol;

/** How phone, button and position stood when a message was made: field 6 of the envelope. */
public final class LinkFlag {
  public static final int BUTTON_PAIRED = 1, BUTTON_CONNECTED = 2;
  /** Why there is no position: the person or the platform refuses it, or no fix has come yet. */
  public static final int POSITION_REFUSED = 4, NO_FIX = 8;
  /** Listening in was chosen, and the person or the platform refuses the microphone. */
  public static final int MICROPHONE_REFUSED = 16;
  /** The phone has not been moved for an hour. */
  public static final int AT_REST = 32;
  /** Within the last day the phone kept its own app from running. */
  public static final int HELD_BACK = 64;
  /** Bluetooth is off or not allowed to the app: no button is heard. */
  public static final int RADIO_OFF = 128;
  /** The phone's battery saver holds for the app: the exemption was refused. */
  public static final int SAVER_ON = 256;
  /** The kit has a road by text message, and the phone refuses it. */
  public static final int TEXTS_REFUSED = 512;
  /** What the phone keeps was damaged and mended, and no test has come through since. */
  public static final int STORE_MENDED = 1024;

  private LinkFlag() {}
}
