package egide.core.store;

/**
 * A press: the counter of its message, the alarm that it belongs to, the last state that a reply carried. A test has no
 * alarm and is over. `buttonCounter` is 0 without a button, `closedAtUs` 0 while it is not closed.
 */
public record Press(
    long counter, long buttonCounter, String alarm, String state, boolean isReceived, long closedAtUs) {
  static final String CLOSED = "closed";

  boolean isOpen() {
    return !state.equals(CLOSED);
  }

  Press received(String alarm) {
    return new Press(counter, buttonCounter, alarm, state, true, closedAtUs);
  }

  Press in(String state, long closedAtUs) {
    return new Press(counter, buttonCounter, alarm, state, isReceived, closedAtUs);
  }
}
