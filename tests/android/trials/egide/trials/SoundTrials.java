package egide.trials;

import egide.core.ports.Sound;
import java.util.ArrayList;
import java.util.List;

/** Listening in: packets of what the microphone hears, where she and the platform allow it. */
final class SoundTrials extends Trial {
  private final List<byte[]> packets = new ArrayList<>();

  private Sound sound() {
    return Recorder.last().platform.sound();
  }

  /** Her page was seen once, and the screen is off now. */
  private void begin(boolean isSeen) {
    handset.granted.add("android.permission.RECORD_AUDIO");
    handset.boot();
    handset.isUnlocked = true;
    if (isSeen) handset.open().leave();
    handset.isPageSeen = false;
    handset.screen(false);
  }

  private void listen(long ms) {
    for (long passed = 0; passed < ms; passed += 100) {
      handset.pass(100);
      packets.addAll(sound().take());
    }
  }

  void trialWhatIsHeardComesInPacketsOfTwentyMillisecondsWithTheScreenOff() {
    begin(true);
    check(sound().start(), "allowed");
    listen(10_000);
    same(500, packets.size());
    check(packets.stream().allMatch(packet -> packet.length == 2), "sound, and nothing about its format");
    sound().stop();
    same(0, handset.sound.recording);
    same(0, sound().take().size());
  }

  void trialABusyThreadLosesNothingForTwoSeconds() {
    begin(true);
    sound().start();
    listen(1_000);
    handset.pass(1_900);
    listen(1_000);
    same(195, packets.size());
    sound().stop();
  }

  void trialAServiceThatNeverSaidThatItListensGetsSilence() {
    begin(false);
    check(sound().start(), "the platform does not refuse it");
    listen(1_000);
    check(packets.stream().allMatch(packet -> packet.length == 3), "it hears nothing, and neither does anybody else");
    sound().stop();
  }

  void trialWithoutPermissionOrCoderOrWhileAnotherHasItThereIsNoSoundAndNothingStaysOpen() {
    handset.boot();
    check(!sound().start(), "not allowed");
    begin(true);
    handset.sound.hasCoder = false;
    check(!sound().start(), "no coder");
    handset.sound.hasCoder = true;
    handset.sound.isTaken = true;
    check(!sound().start(), "a call has it");
    same(0, handset.sound.recording);
    handset.sound.isTaken = false;
    check(sound().start(), "and then it is free");
    sound().stop();
  }
}
