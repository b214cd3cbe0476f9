package egide.core.phone;

import egide.core.engine.Microphone;
import egide.core.protocol.Bytes;
import egide.core.time.Loop;
import java.util.function.Consumer;

/** A microphone that hears something which nobody ends, a piece in each minute; or that cannot be had. */
final class EndlessSound implements Microphone {
  private static final long PIECE_US = 61_371_000;

  private final Loop loop;
  private final boolean hears;
  private Loop.Timer next;

  EndlessSound(Loop loop, boolean hears) {
    this.loop = loop;
    this.hears = hears;
  }

  @Override
  public boolean start(Consumer<byte[]> piece) {
    if (hears) {
      hear(piece, 0);
    }
    return hears;
  }

  private void hear(Consumer<byte[]> piece, int number) {
    next = loop.after(PIECE_US, () -> {
      hear(piece, number + 1);
      piece.accept(Bytes.utf8("sound " + number));
    });
  }

  @Override
  public void stop() {
    next.cancel();
  }
}
