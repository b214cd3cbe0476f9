package egide.core.ports;

import java.util.List;

/** The phone's microphone. */
public interface Sound {
  /** False when no sound can be had now. */
  boolean start();

  /**
   * What was heard since it was asked last: packets of Opus (RFC 6716) of 20 ms each, one channel. To be asked several times a second.
   */
  List<byte[]> take();

  void stop();
}
