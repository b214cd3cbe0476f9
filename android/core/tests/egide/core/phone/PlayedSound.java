package egide.core.phone;

import egide.core.ports.Sound;
import egide.core.time.Loop;
import java.util.ArrayList;
import java.util.List;

/** A microphone in a silent room: fifty packets a second, by the time of the loop. */
public final class PlayedSound implements Sound {
  private static final long PACKET_US = 20_000;
  /** Twenty milliseconds of silence in Opus. */
  private static final byte[] SILENCE = {-8, -1, -2};
  private final Loop loop;
  /** Another app has it. */
  public boolean isTaken;
  public int starts;
  private Long sinceUs;

  public PlayedSound(Loop loop) {
    this.loop = loop;
  }

  public boolean isOn() {
    return sinceUs != null;
  }

  @Override
  public boolean start() {
    starts++;
    sinceUs = isTaken ? null : (Long) loop.steadyUs();
    return !isTaken;
  }

  @Override
  public List<byte[]> take() {
    List<byte[]> packets = new ArrayList<>();
    for (; sinceUs != null && !isTaken && sinceUs + PACKET_US <= loop.steadyUs(); sinceUs += PACKET_US) {
      packets.add(SILENCE);
    }
    return packets;
  }

  @Override
  public void stop() {
    sinceUs = null;
  }
}
