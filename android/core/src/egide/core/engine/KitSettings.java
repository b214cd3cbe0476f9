package egide.core.engine;

import egide.core.ports.Radio;
import egide.core.protocol.Frame;
import egide.core.protocol.Receipt;
import egide.core.protocol.Settings;
import egide.core.store.PhoneStore;
import java.io.IOException;
import java.util.function.Consumer;

/** The kit's settings on the phone: taken from signed replies, kept, confirmed; the hold time goes on to the button. */
final class KitSettings {
  private final PhoneStore store;
  private final Radio radio;
  private final byte[] buttonKey;
  private final Consumer<String> note;
  private final Reporter reporter;
  private Settings now;
  /** The version that the button was given, and has not answered; 0 for none. */
  private long given;

  /** `note` says a word to the zone (protocol/Notice.java). */
  KitSettings(
      Settings now, PhoneStore store, Radio radio, byte[] buttonKey, Consumer<String> note, Reporter reporter) {
    this.now = now;
    this.store = store;
    this.radio = radio;
    this.buttonKey = buttonKey;
    this.note = note;
    this.reporter = reporter;
  }

  /** Those that hold. */
  Settings now() {
    return now;
  }

  /**
   * Takes what a reply sets; whether anything changed. What is out of bounds or older changes nothing. The same again
   * means that our word did not arrive, or came before an older one: it is said again.
   */
  boolean take(Receipt receipt) throws IOException {
    Settings wanted = receipt.tells(Settings.PENDING) ? Settings.inReply(receipt.told(Settings.PENDING)) : null;
    if (wanted == null || wanted.version() < now.version()) {
      return false;
    }
    boolean isNews = wanted.version() > now.version();
    if (isNews) {
      store.doSetSettings(wanted);
      now = wanted;
      reporter.report("phone.settings_taken", Facts.of("version", wanted.version()));
    }
    note.accept(Settings.PHONE_TOOK + now.version());
    return isNews;
  }

  /** Tells the button its hold time, once for each version; what did not arrive is tried with the next word. */
  void giveToButton() {
    if (radio.isConnected() && now.version() > store.buttonSettings()) {
      given = now.version();
      radio.giveHold(Frame.hold(given, now.buttonHoldMs(), buttonKey));
    }
  }

  /** The button answered. A disk that refuses to keep it costs only that the button is told again. */
  void onHold(boolean isTaken) {
    long version = given;
    given = 0;
    if (!isTaken || version <= store.buttonSettings()) {
      return;
    }
    try {
      store.doNoteButtonSettings(version);
    } catch (IOException error) {
      return;
    }
    note.accept(Settings.BUTTON_TOOK + version);
  }
}
