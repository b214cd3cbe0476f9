package egide.core.engine;

/** What a code did. THREAT opened it too, and tells the page alone which of the two pages to show. */
public enum Answer {
  OPEN,
  THREAT,
  WRONG,
  OFFLINE,
  OFTEN
}
