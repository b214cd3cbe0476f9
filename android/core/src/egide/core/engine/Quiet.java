package egide.core.engine;

/**
 * Why the phone says nothing of the alarm that is open; never on the disk.
 *
 * CANCELLED: she said that she is safe. THREAT: a code under threat opened the phone, which looks as always.
 * THREAT_CANCELLED: a code under threat was taken for "I am safe", and all looks as after that. UNSURE: an earlier life of
 * this phone left an open alarm, and nobody knows which code was entered in it.
 */
enum Quiet {
  NO,
  CANCELLED,
  THREAT,
  THREAT_CANCELLED,
  UNSURE;

  boolean isThreat() {
    return this == THREAT || this == THREAT_CANCELLED;
  }

  /** Whether not even news of the alarm may be shown. */
  boolean tellsNothing() {
    return isThreat() || this == UNSURE;
  }

  /**
   * Whether what stands in a press's way may be said: of an earlier life's press too, whichever code was entered then.
   * Else a code would be asked for, and its network, before it is said that there is none.
   */
  boolean saysTrouble() {
    return this == NO || this == UNSURE;
  }

  boolean saysCancelled() {
    return this == CANCELLED || this == THREAT_CANCELLED;
  }

  /** What this becomes once a code under threat was entered, which would look like `asked`. */
  Quiet asThreat(Quiet asked) {
    if (this == NO || this == UNSURE) {
      return asked;
    }
    return this == THREAT ? THREAT : THREAT_CANCELLED;
  }
}
