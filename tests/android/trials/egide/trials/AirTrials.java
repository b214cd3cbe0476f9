package egide.trials;

import android.os.ParcelUuid;
import egide.core.ports.Broadcasts;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A button that only broadcasts: an app for trials hears it, one for people does not listen. */
final class AirTrials extends Trial {
  private static final String ADDRESS = "0C:EF:F6:01:02:03";
  private static final ParcelUuid BTHOME = new ParcelUuid(UUID.fromString("0000fcd2-0000-1000-8000-00805f9b34fb"));
  private static final byte[] WORD = {0x45, 1, 2, 3};
  private final List<String> heard = new ArrayList<>();

  /** An app for trials that listens with the screen off. */
  private void listen() {
    Recorder.hearsBroadcasts = true;
    handset.boot();
    handset.screen(false);
    again(new Broadcasts.Heard() {
      @Override
      public void onBroadcast(byte[] serviceData) {
        heard.add("word " + serviceData.length);
      }

      @Override
      public void onListening(boolean isListening) {
        heard.add("listening " + isListening);
      }
    });
    handset.stir();
    handset.settle();
    same(List.of("listening true"), heard);
    heard.clear();
  }

  /** As the core does, before the platform slows the scan down. */
  private void again(Broadcasts.Heard heard) {
    var platform = Recorder.last().platform;
    platform.broadcasts().listen(ADDRESS, heard);
    platform.loop().after(540_000_000, () -> again(heard));
  }

  private void isHeard(boolean expected) {
    heard.clear();
    handset.air.say(ADDRESS, BTHOME, WORD);
    handset.pass(100);
    same(expected ? List.of("word 4") : List.of(), heard);
  }

  void trialAnAppForPeopleDoesNotEvenListenForAButtonThatAnybodyCanFollow() {
    handset.boot();
    check(Recorder.last().platform.broadcasts() == null, "rule 21");
    check(!handset.air.say(ADDRESS, BTHOME, WORD), "no scan runs");
  }

  void trialABroadcastIsHeardWithTheScreenOffAlsoAfterANight() {
    listen();
    isHeard(true);
    handset.doze.force();
    handset.pass(3_000_000);
    check(!handset.isAwake(), "the controller listens, the processor sleeps");
    handset.pass(25_800_000);
    isHeard(true);
    check(handset.air.begun <= 8 * 7 + 1, "a scan begins anew every nine minutes at most: " + handset.air.begun);
  }

  void trialWhatAnotherDeviceOrServiceSaysIsNotHeard() {
    listen();
    check(!handset.air.say("0C:EF:F6:01:02:04", BTHOME, WORD), "the filter lets one address through");
    handset.air.say(ADDRESS, new ParcelUuid(new UUID(0, 0)), WORD);
    handset.pass(100);
    same(List.of(), heard);
  }

  void trialListeningEndsAndComesBackWithBluetoothAndThePermission() {
    listen();
    handset.tag.power(false);
    handset.pass(1_000);
    same(List.of("listening false"), heard);
    isHeard(false);
    handset.tag.power(true);
    handset.pass(1_000);
    same(List.of("listening true"), heard);
    isHeard(true);
    Recorder.last().platform.broadcasts().stop();
    isHeard(false);
  }

  void trialAScanThatThePlatformRefusesIsBegunAgain() {
    listen();
    handset.air.fails = true;
    handset.tag.power(false);
    handset.tag.power(true);
    handset.pass(1_000);
    isHeard(false);
    handset.air.fails = false;
    handset.pass(61_000);
    isHeard(true);
  }
}
