package egide.core.engine;

import egide.core.protocol.Kind;
import egide.core.protocol.Position;

/** What a message will say besides how things are. */
final class Draft {
  final Kind kind;
  /** Whether it says where she is, if that is known. */
  boolean isPlaced = true;
  Long trigger;
  Long sentAtS;
  Long press;
  byte[] body;

  Draft(Kind kind) {
    this.kind = kind;
  }

  Draft unplaced() {
    isPlaced = false;
    return this;
  }

  Draft triggered(int trigger) {
    this.trigger = (long) trigger;
    return this;
  }

  Draft at(long sentAtS) {
    this.sentAtS = sentAtS;
    return this;
  }

  /** Belongs to the press of this counter; null for none. */
  Draft of(Long press) {
    this.press = press;
    return this;
  }

  Draft saying(byte[] body) {
    this.body = body;
    return this;
  }
}
