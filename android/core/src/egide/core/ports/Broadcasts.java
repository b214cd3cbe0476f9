package egide.core.ports;

/**
 * Hears a button that only broadcasts, also with the screen off. Anybody can follow such a button, so an app that is given to
 * people has none of this (safety rule 21): it is for trials.
 */
public interface Broadcasts {
  /** What is heard, in the loop's thread. */
  interface Heard {
    /** Service data of BTHome, unchecked. */
    void onBroadcast(byte[] serviceData);

    /** Whether anything could be heard now. */
    void onListening(boolean isListening);
  }

  /**
   * From now on tells whatever the device of `address` (as it is printed, in capitals) says, until `stop`; one at a time. Said
   * again, it begins anew.
   */
  void listen(String address, Heard heard);

  void stop();
}
