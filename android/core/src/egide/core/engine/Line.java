package egide.core.engine;

/** What the one line for the person says: never more than a reply has proven (safety rule 16). Pages have the words. */
public enum Line {
  NOTHING,
  SENDING,
  NOT_STORED,
  UNREACHABLE,
  /** The server does not know this phone: she is told to dial 112 (safety rule 10). */
  UNKNOWN_HERE,
  KEPT,
  REFUSED,
  RECEIVED,
  ACKNOWLEDGED,
  CLOSED,
  CONNECTED,
  NEEDS_A_LOOK,
  SAFE_TOLD
}
