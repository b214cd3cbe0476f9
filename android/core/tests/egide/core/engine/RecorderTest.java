package egide.core.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import egide.core.phone.PlayedSound;
import egide.core.time.PlayedLoop;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Sound in pieces of a second, for as long as anybody wants it. */
final class RecorderTest {
  private static final long SECOND_US = 1_000_000;
  private final PlayedLoop loop = new PlayedLoop(1_800_000_000_000_000L);
  private final PlayedSound sound = new PlayedSound(loop);
  private final Recorder recorder = new Recorder(sound, loop);
  private final List<byte[]> pieces = new ArrayList<>();

  private void pass(long seconds) {
    loop.runUntil(loop.steadyUs() + seconds * SECOND_US);
  }

  @Test
  void aPieceComesEverySecondUntilItIsStopped() {
    assertTrue(recorder.start(pieces::add));
    pass(10);
    assertEquals(10, pieces.size());
    recorder.stop();
    assertFalse(sound.isOn());
    pass(10);
    assertEquals(10, pieces.size());
  }

  @Test
  void withoutAMicrophoneThereIsNoRecordingAndNothingIsAskedForLater() {
    sound.isTaken = true;
    assertFalse(recorder.start(pieces::add));
    pass(60);
    assertEquals(1, sound.starts);
  }

  @Test
  void oneThatAnotherAppTakesMeanwhileIsAskedForAgainAndTheRecordingGoesOn() {
    recorder.start(pieces::add);
    pass(3);
    sound.isTaken = true;
    pass(20);
    assertEquals(3, pieces.size());
    assertEquals(1 + 4, sound.starts);
    sound.isTaken = false;
    pass(10);
    assertTrue(pieces.size() >= 3 + 4, "pieces: " + pieces.size());
  }
}
