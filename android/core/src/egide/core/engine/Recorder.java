package egide.core.engine;

import egide.core.ports.Sound;
import egide.core.protocol.Webm;
import egide.core.time.Loop;
import java.util.List;
import java.util.function.Consumer;

/** What the platform's microphone hears, in pieces as a browser's recorder gives them: the desk plays both alike. */
public final class Recorder implements Microphone {
  private static final long EVERY_US = 100_000;
  /** So often nothing in a row: something else took the microphone, and it is asked for again. */
  private static final int NOTHING_FIVE_SECONDS = 50;

  private final Sound sound;
  private final Loop loop;
  private Loop.Timer next;
  private int nothing;

  public Recorder(Sound sound, Loop loop) {
    this.sound = sound;
    this.loop = loop;
  }

  @Override
  public boolean start(Consumer<byte[]> piece) {
    boolean isOn = sound.start();
    if (isOn) {
      hear(new Webm(), piece);
    }
    return isOn;
  }

  private void hear(Webm recording, Consumer<byte[]> piece) {
    next = loop.after(EVERY_US, () -> {
      List<byte[]> heard = sound.take();
      for (byte[] packet : heard) {
        byte[] whole = recording.add(packet);
        if (whole != null) {
          piece.accept(whole);
        }
      }
      look(!heard.isEmpty());
      hear(recording, piece);
    });
  }

  private void look(boolean hasHeard) {
    nothing = hasHeard ? 0 : nothing + 1;
    if (nothing == NOTHING_FIVE_SECONDS) {
      nothing = 0;
      sound.stop();
      sound.start();
    }
  }

  @Override
  public void stop() {
    next.cancel();
    sound.stop();
  }
}
