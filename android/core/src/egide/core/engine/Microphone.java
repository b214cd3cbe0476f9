package egide.core.engine;

import java.util.function.Consumer;

/** Sound in pieces of about a second, told in the core's thread until it is stopped. */
public interface Microphone {
  /** False when no sound can be had now. */
  boolean start(Consumer<byte[]> piece);

  void stop();

  /** Of a phone that has none: nobody listens in. */
  final class None implements Microphone {
    @Override
    public boolean start(Consumer<byte[]> piece) {
      return false;
    }

    @Override
    public void stop() {}
  }
}
