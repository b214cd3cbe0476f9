package egide.core.rules;

/** When a test was armed and until when it waits, on the phone's clock; until 0 there is none. */
public record Armed(long fromUs, long untilUs) {
  public static final Armed NONE = new Armed(0, 0);
}
