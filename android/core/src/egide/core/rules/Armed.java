package egide.core.rules;

/**
 * When a test was armed and until when it waits, on the phone's clock; until 0 there is none. `number` is that of an
 * officer's test, 0 where her code armed it.
 */
public record Armed(long fromUs, long untilUs, long number) {
  public static final Armed NONE = new Armed(0, 0, 0);
}
