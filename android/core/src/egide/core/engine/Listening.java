package egide.core.engine;

import egide.core.protocol.Cbor;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Silent listening in. Sound goes in short numbered pieces, each a signed message of its own: a gap in the network is
 * none in the record. Each recording numbers its pieces from 0.
 */
final class Listening {
  private final Around around;
  private final Choosing choosing;
  private final Reporter reporter;
  private final Microphone microphone;
  private final Consumer<byte[]> keep;
  private boolean isOn;
  private long pieces;

  /** `keep` takes the body of each piece. */
  Listening(
      Around around, Choosing choosing, Reporter reporter, Microphone microphone, Consumer<byte[]> keep) {
    this.around = around;
    this.choosing = choosing;
    this.reporter = reporter;
    this.microphone = microphone;
    this.keep = keep;
  }

  /** Begins a recording where she and the operator allow it, unless one runs. */
  void start() {
    if (!isOn && around.mayListen() && !choosing.now().listenOff()) {
      pieces = 0;
      isOn = microphone.start(piece -> {
        if (isOn) {
          keep.accept(Cbor.encode(Arrays.asList(pieces++, piece)));
        }
      });
    }
  }

  /** She or the operator wants it no more, or there is nothing to hear. */
  void end() {
    if (isOn) {
      stop();
      reporter.report("phone.listening_ended", Facts.of());
    }
  }

  void stop() {
    if (isOn) {
      isOn = false;
      microphone.stop();
    }
  }
}
