package egide.core.protocol;

/** What a message says: field 1. */
public enum Kind {
  PRESS(1),
  POSITION(2),
  HEARTBEAT(3),
  CANCEL(4),
  TEST(5),
  TEXT(6),
  AUDIO(7),
  NOTICE(8);

  public final int number;

  Kind(int number) {
    this.number = number;
  }

  /** Null for a number that is none. */
  public static Kind of(long number) {
    for (Kind kind : values()) {
      if (kind.number == number) {
        return kind;
      }
    }
    return null;
  }
}
