package egide.core.rules;

/** What a frame from the air is worth. */
public enum Verdict {
  ACCEPT,
  DUPLICATE,
  REPLAY
}
