package egide.trials;

import android.webkit.WebView;
import egide.fake.Tag;
import java.io.File;
import java.util.List;

/** Started, kept, ended and brought back. */
final class StayingTrials extends Trial {
  // -- starting --------------------------------------------------------------------------------------------------------

  void trialAPressIsHeardAfterARestartBeforeAnybodyUnlockedThePhone() {
    handset.boot();
    check(!handset.isUnlocked && !told().contains("unlocked"), "nobody has unlocked it");
    same(CONNECTED | LOCATION, handset.types);
    pressIsHeard();
    handset.unlock();
    same(1, Recorder.all.size());
    check(told().contains("unlocked"), "the core learns that the rest can be read");
  }

  void trialWithoutAKitNothingStaysAndNothingIsShown() {
    Recorder.isNeeded = false;
    handset.boot();
    handset.unlock();
    check(handset.service() == null, "no service");
    same(List.of(), handset.notes);
  }

  void trialANewerAppGoesOnByItself() {
    handset.boot();
    handset.replace();
    same(2, Recorder.all.size());
    pressIsHeard();
  }

  void trialTheNotificationIsTheDecoys() {
    handset.boot();
    check(!handset.notes.isEmpty(), "a foreground service must have one");
    check(!handset.manifest.asks("android.permission.POST_NOTIFICATIONS"), "never asked for: from Android 13 on nothing shows");
  }

  void trialTheShippedCoreWithoutAKitStartsNothingKeepsNothingAndSaysSoToItsPage() {
    hasCore = true;
    handset.boot();
    handset.unlock();
    check(handset.service() == null, "no service");
    WebView view = page();
    view.given.postMessage(new android.webkit.WebMessage("{\"what\":\"state\"}"));
    view.given.postMessage(new android.webkit.WebMessage("{\"what\":\"press\"}"));
    view.given.postMessage(new android.webkit.WebMessage("no question at all"));
    handset.settle();
    // What the platform allows, and the one question that has an answer.
    same(2, view.given.arrived.size());
    String state = view.given.arrived.get(1);
    check(state.startsWith("{\"state\":{\"isEnrolled\":false,") && !state.contains("alarm"), state);
    check(!new File(handset.disk, "safe/kit").exists(), "nothing is kept");
  }

  // -- staying ---------------------------------------------------------------------------------------------------------

  void trialAPressIsHeardAfterADayAtRestWithTheScreenOff() {
    handset.boot();
    handset.screen(false);
    handset.pass(86_400_000);
    check(handset.doze.isDeep(), "it lay still");
    int signs = Recorder.last().signs;
    check(signs >= 94 && signs <= 96, "a sign of life every quarter of an hour, " + signs);
    check(handset.wakings <= 97, "no more wakings than signs of life: " + handset.wakings);
    handset.pass(60_000);
    check(!handset.isAwake(), "the processor sleeps in between");
    pressIsHeard();
  }

  void trialAnEndedServiceComesBackAndHearsWhatTheButtonRepeats() {
    handset.boot();
    handset.screen(false);
    handset.kill();
    handset.tag.press(FRAME);
    handset.pass(5_000);
    same(2, Recorder.all.size());
    same(CONNECTED | LOCATION, handset.types);
    same(1, Recorder.last().frames.size());
  }

  void trialWithoutExemptionAnEndedServiceStillWorksWhenItIsBroughtBack() {
    handset.isExempt = false;
    handset.boot();
    handset.kill();
    handset.pass(2_000);
    same(0, handset.types);
    pressIsHeard();
  }

  void trialSightOfTheButtonWakesAnAppThatABatterySaverEnded() {
    handset.isExempt = false;
    handset.associated.add(Tag.ADDRESS);
    handset.boot();
    handset.unlock();
    handset.forceStop();
    handset.appear(Tag.ADDRESS);
    same(CONNECTED | LOCATION, handset.types);
    pressIsHeard();
  }

  void trialSwipedAwayItStays() {
    handset.boot();
    handset.unlock();
    handset.service().onTaskRemoved(null);
    pressIsHeard();
  }

  void trialWhatIsDueSoonKeepsTheProcessorAwakeAndWhatIsLaterDoesNot() {
    handset.boot();
    handset.screen(false);
    handset.doze.force();
    // In Doze the platform's alarms come nine minutes apart, and one came just now.
    handset.pass(Recorder.REST_US / 1000 + 60_000);
    same(1, handset.wakings);
    check(!handset.isAwake(), "nothing is due for minutes");
    long[] at = {0};
    handset.stir();
    Recorder.last().platform.loop().after(5_000_000, () -> at[0] = handset.elapsedMs());
    long before = handset.elapsedMs();
    handset.pass(6_000);
    check(at[0] - before >= 5_000 && at[0] - before <= 5_100, "due after five seconds, done after " + (at[0] - before));
  }

  /** A server that never ends its answer keeps a worker; whoever ends that needs one too. */
  void trialManyThingsThatTakeNoEndKeepNoOtherFromBeingDone() throws InterruptedException {
    handset.boot();
    var loop = Recorder.last().platform.loop();
    var others = new java.util.concurrent.CountDownLatch(1);
    var ended = new java.util.concurrent.CountDownLatch(33);
    java.util.function.Supplier<Boolean> endless = () -> {
      try {
        return others.await(20, java.util.concurrent.TimeUnit.SECONDS);
      } catch (InterruptedException error) {
        return false;
      } finally {
        ended.countDown();
      }
    };
    for (int each = 0; each < 32; each++) loop.elsewhere(endless, done -> {});
    loop.elsewhere(() -> {
      others.countDown();
      ended.countDown();
      return true;
    }, done -> {});
    check(others.await(10, java.util.concurrent.TimeUnit.SECONDS), "the last one waits for those before it");
    check(ended.await(10, java.util.concurrent.TimeUnit.SECONDS), "and all of them end");
  }

  void trialACancelledTimerIsNeverRun() {
    handset.boot();
    boolean[] isRun = {false};
    Recorder.last().platform.loop().after(1_000_000, () -> isRun[0] = true).cancel();
    handset.pass(3_000);
    check(!isRun[0], "cancelled");
  }

  void trialAPressKeepsTheProcessorAwakeUntilTheCoreHasDecided() {
    Recorder.isFull = true;
    handset.boot();
    handset.screen(false);
    handset.pass(60_000);
    handset.tag.press(FRAME);
    handset.pass(5_000);
    same(1, Recorder.last().frames.size());
    check(handset.isAwake(), "the core may be at its disk, or on its way to a server");
    handset.pass(30_000);
    check(!handset.isAwake(), "and not for ever");
  }

  void trialAKindOfServiceThatIsRefusedTakesNoOtherAlong() {
    handset.refused = LOCATION;
    handset.boot();
    same(CONNECTED, handset.types);
    pressIsHeard();
  }
}
