package egide.core.engine;

import java.util.function.Consumer;

/** Sound in pieces of about a second, told in the core's thread until it is stopped. */
public interface Microphone {
  /** False when no sound can be had now. */
  boolean start(Consumer<byte[]> piece);

  void stop();
}
