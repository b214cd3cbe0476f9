package egide.core.ports;

/**
 * The phone's side of contracts/gatt.md. Nothing here waits: what a button answers comes through {@link Heard}, in the
 * order in which it said it. The radio connects again by itself whenever the link is lost, until {@link #stop}.
 */
public interface Radio {
  /** What the radio says, from any thread. */
  interface Heard {
    /** Raw bytes of a press, unchecked. */
    void onFrame(byte[] data);

    /** What a button that only broadcasts said (BTHome service data), unchecked; `address` has six bytes, as printed. */
    void onBroadcast(byte[] address, byte[] serviceData);

    /** The link comes or goes. */
    void onLink(boolean isConnected);

    /** What the zone should know of the button: the body of a notice (protocol/link.py). */
    void onTrouble(String notice);

    /** The button's charge in percent, 0 to 100. */
    void onBattery(int percent);

    /** Whether the button took the hold time that it was given. */
    void onHold(boolean isTaken);
  }

  /** The two checks of the claim (contracts/gatt.md), made by whoever holds the button's key. */
  interface Claim {
    /** The 16 bytes that answer what `claim` offered; null when this is no button of ours. */
    byte[] proof(byte[] offered);

    /** Whether the button's answer proves that it holds the same key. */
    boolean isOurs(byte[] answer);
  }

  /** How a pairing ended. */
  interface Paired {
    void onPaired();

    /** `word`: which of the texts `radio.*` of the app says why. */
    void onFailed(String word);
  }

  /** Whether there is a button that claimed this phone. */
  boolean isPaired();

  /** Whether presses would arrive right now. */
  boolean isConnected();

  void start(Heard heard);

  void stop();

  /** Finds the button in its pairing window, bonds, and lets both prove that they belong together. */
  void pair(Claim claim, Paired paired);

  /** A lost link is no error: the button repeats. */
  void acknowledge(byte[] acknowledgement);

  /** Gives the button its hold time; {@link Heard#onHold} says whether it took it, also when it cannot be reached. */
  void giveHold(byte[] frame);

  /** Asks for the charge; no answer comes when the button cannot be asked. */
  void askBattery();
}
