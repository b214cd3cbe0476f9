package egide.core.engine;

import egide.core.protocol.Cbor;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Silent listening in. Sound goes in short numbered pieces, each a signed message of its own: a gap in the network is
 * none in the record. Each recording numbers its pieces from 0.
 */
final class Listening {
  private final Microphone microphone;
  private final Consumer<byte[]> keep;
  private boolean isOn;
  private long pieces;

  /** `keep` takes the body of each piece. */
  Listening(Microphone microphone, Consumer<byte[]> keep) {
    this.microphone = microphone;
    this.keep = keep;
  }

  boolean isOn() {
    return isOn;
  }

  /** Begins a recording, unless one runs. */
  void start() {
    if (!isOn) {
      pieces = 0;
      isOn = microphone.start(piece -> {
        if (isOn) {
          keep.accept(Cbor.encode(Arrays.asList(pieces++, piece)));
        }
      });
    }
  }

  void stop() {
    if (isOn) {
      isOn = false;
      microphone.stop();
    }
  }
}
