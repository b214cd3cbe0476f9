package egide.core.protocol;

/**
 * One message. `press` is the counter of the press that it belongs to; `sentAtS` is the phone's own clock. Whatever is
 * null is absent.
 */
public record Message(
    Kind kind,
    long counter,
    long sentAtS,
    Position position,
    Battery battery,
    Long link,
    Long trigger,
    Long press,
    byte[] body) {

  /** The same under the counter that the store gives. */
  public Message numbered(long counter) {
    return new Message(kind, counter, sentAtS, position, battery, link, trigger, press, body);
  }

  /** The same, naming no press. */
  public Message alone() {
    return new Message(kind, counter, sentAtS, position, battery, link, trigger, null, body);
  }
}
