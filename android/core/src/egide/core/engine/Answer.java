package egide.core.engine;

/** What a code did: the same word for both codes. */
public enum Answer {
  OPEN,
  WRONG,
  OFFLINE,
  OFTEN
}
