package egide.trials;

import android.app.Activity;
import java.util.List;
import java.util.Set;

/** What the telephone allows, and its text messages. */
final class PhoneTrials extends Trial {
  // -- permissions -----------------------------------------------------------------------------------------------------

  void trialBluetoothTakenBackTheServiceStaysAndTheZoneCanHearOfIt() {
    handset.boot();
    handset.unlock();
    handset.withdraw("BLUETOOTH_CONNECT");
    handset.pass(5_000);
    same(2, Recorder.all.size());
    same(CONNECTED | LOCATION, handset.types);
    check(!Recorder.last().platform.radio().isConnected(), "no link");
    handset.granted.add("android.permission.BLUETOOTH_CONNECT");
    handset.open();
    pressIsHeard();
  }

  void trialPositionTakenBackTheLinkStays() {
    handset.boot();
    handset.withdraw("ACCESS_BACKGROUND_LOCATION");
    handset.pass(5_000);
    same(CONNECTED, handset.types);
    check(!Recorder.last().platform.around().mayLocate(), "the core is told the truth");
    pressIsHeard();
  }

  void trialAServiceListensOnlyWhenItsPageWasSeen() {
    handset.granted.add("android.permission.RECORD_AUDIO");
    handset.boot();
    same(0, handset.types & MICROPHONE);
    handset.unlock();
    Activity page = handset.open();
    same(CONNECTED | LOCATION | MICROPHONE, handset.types);
    page.leave();
    handset.screen(false);
    handset.pass(2_000_000);
    same(CONNECTED | LOCATION | MICROPHONE, handset.types);
    handset.withdraw("RECORD_AUDIO");
    handset.pass(5_000);
    same(CONNECTED | LOCATION, handset.types);
  }

  void trialAPositionFromSatellitesIsNotLostToARougherOne() {
    handset.boot();
    var around = Recorder.last().platform.around();
    around.follow(true);
    handset.settle();
    var listener = handset.locating.keySet().iterator().next();
    same(Set.of("fused", "gps", "network"), handset.locating.get(listener));
    listener.onLocationChanged(new android.location.Location("gps", 50.85, 4.35, 5, handset.elapsedMs()));
    listener.onLocationChanged(new android.location.Location("network", 50.9, 4.4, 900, handset.elapsedMs()));
    same(508_500_000, around.fix().latE7());
    handset.pass(40_000);
    check(around.fix().ageMs() >= 40_000, "its age is told");
    listener.onLocationChanged(new android.location.Location("network", 50.9, 4.4, 900, handset.elapsedMs()));
    same(509_000_000, around.fix().latE7());
    check(!around.fix().isSatellite(), "its source is told");
  }

  void trialAPhoneThatNobodyCarriesIsAtRestAndOneThatIsMovedNotAndAWalkWakesItOnce() {
    handset.boot();
    var around = Recorder.last().platform.around();
    same(0L, around.restingMs());
    handset.screen(false);
    handset.pass(3_600_000);
    check(around.restingMs() >= 3_600_000, "an hour: " + around.restingMs());
    int before = handset.wakings;
    for (int times = 0; times < 50; times++) handset.walk.begin();
    same(before + 1, handset.wakings);
    same(0L, around.restingMs());
    handset.pass(3_600_000);
    check(around.restingMs() >= 3_600_000, "asked again, it is at rest again");
  }

  void trialAPhoneWithoutTheSensorSaysThatItCannotTell() {
    handset.walk.hasSensor = false;
    handset.boot();
    same(-1L, Recorder.last().platform.around().restingMs());
  }

  // -- text messages ---------------------------------------------------------------------------------------------------

  void trialEachTextMessageSaysHowItWent() {
    handset.granted.add("android.permission.SEND_SMS");
    handset.boot();
    List<Boolean> went = new java.util.ArrayList<>();
    var texts = Recorder.last().platform.texts();
    texts.send("+32000000000", 16_000, new byte[] {1}, went::add);
    handset.takesTexts = false;
    texts.send("+32000000000", 16_000, new byte[] {2}, went::add);
    handset.settle();
    same(List.of(true, false), went);
    same(2, handset.texts.size());
    handset.granted.remove("android.permission.SEND_SMS");
    texts.send("+32000000000", 16_000, new byte[] {3}, went::add);
    same(List.of(true, false, false), went);
    check(!texts.maySend(), "and says so");
  }
}
