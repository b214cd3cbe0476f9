package egide.trials;

import java.util.ArrayList;
import java.util.List;

/** The sleep of a telephone that nobody touches, and what ends it. */
final class DozeTrials extends Trial {
  private static final long MINUTE_MS = 60_000;

  /** Asleep, without an exemption and so without what Doze withholds. */
  private void asleep() {
    handset.isExempt = false;
    handset.boot();
  }

  /** The minutes after which there is a network or none, one after the other. */
  private List<Integer> changes(int minutes) {
    List<Integer> changes = new ArrayList<>();
    boolean had = handset.doze.hasNetwork();
    for (int minute = 1; minute <= minutes; minute++) {
      handset.pass(MINUTE_MS);
      if (handset.doze.hasNetwork() != had) changes.add(minute);
      had = handset.doze.hasNetwork();
    }
    return changes;
  }

  void trialTheNetworkIsLeftInWindowsThatComeMoreAndMoreSeldom() {
    asleep();
    // The light one after four minutes: five without, ten, fifteen, and a minute each in between.
    same(List.of(4, 9, 10, 20, 21, 36, 37, 52, 53), changes(64));
    check(!handset.doze.isDeep(), "it still looks whether it lies still");
    handset.pass(MINUTE_MS / 2);
    check(handset.doze.isDeep(), "the deep one");
    // An hour, two, four, six and six: five minutes in between, then ten.
    same(List.of(60, 65, 185, 195, 435, 445, 805, 815, 1175, 1185), changes(1_300));
    same(5, handset.doze.windows);
  }

  void trialAnExemptionKeepsNetworkAndWakeLocksAndNotTheAlarms() {
    handset.boot();
    handset.doze.force();
    check(handset.doze.hasNetwork(), "network");
    handset.stir();
    Recorder.last().platform.loop().after(30_000_000, () -> {});
    handset.pass(20_000);
    check(handset.isAwake(), "its wake lock counts");
    handset.isExempt = false;
    check(!handset.isAwake() && !handset.doze.hasNetwork(), "without it neither");
    int before = handset.wakings;
    handset.pass(50 * MINUTE_MS);
    check(handset.wakings - before <= 5, "nine minutes between two alarms: " + (handset.wakings - before));
  }

  void trialAHandACarriedPocketAChargerAndAnAlarmClockEndIt() {
    asleep();
    handset.doze.force();
    handset.walk.begin();
    check(!handset.doze.isDeep(), "moved");
    handset.pass(50 * MINUTE_MS);
    check(handset.doze.isDeep(), "sooner than the first time");
    handset.doze.plug(true);
    handset.pass(600 * MINUTE_MS);
    check(handset.doze.hasNetwork(), "never at a charger");
    handset.doze.plug(false);
    handset.doze.alarmClock(90 * MINUTE_MS);
    handset.pass(80 * MINUTE_MS);
    check(!handset.doze.isDeep(), "not with an alarm clock within half an hour");
    handset.doze.alarmClock(40 * MINUTE_MS);
    handset.doze.force();
    handset.pass(41 * MINUTE_MS);
    check(!handset.doze.isDeep() && !handset.isAwake(), "left for the clock, the screen off");
    handset.doze.force();
    handset.screen(true);
    check(handset.doze.hasNetwork(), "looked at");
  }
}
