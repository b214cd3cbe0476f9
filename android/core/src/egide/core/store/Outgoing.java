package egide.core.store;

import egide.core.protocol.Kind;

/**
 * A signed message that waits for its receipt. `refused`: the status of the server's last refusal, or 0; `refusals`: how
 * often it refused.
 */
public record Outgoing(long counter, Kind kind, byte[] data, int refused, long refusals) {
  boolean isPress() {
    return kind == Kind.PRESS;
  }

  Outgoing refused(int status) {
    return new Outgoing(counter, kind, data, status, refusals + 1);
  }
}
