package egide.trials;

import android.webkit.WebView;
import egide.fake.Handset;
import egide.fake.Manifest;
import egide.core.ports.Phone;
import egide.fake.Tag;
import java.io.File;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** One invented telephone with a button that is paired, and what every trial looks at. */
abstract class Trial {
  static final int CONNECTED = 16;
  static final int LOCATION = 8;
  static final int MICROPHONE = 128;
  static final byte[] FRAME = {1, 2, 3};
  static File manifest;
  final Handset handset;
  /** Whether the processes of this trial have the app's own core. */
  boolean hasCore;
  /** The core of the processes of this trial, where it is not that one. */
  Function<Phone.Platform, Phone> core = Recorder::new;

  Trial() {
    Recorder.all.clear();
    Recorder.isNeeded = true;
    Recorder.isFull = false;
    Recorder.hearsBroadcasts = false;
    try {
      File disk = Files.createTempDirectory("handset").toFile();
      handset = new Handset(34, new Manifest(manifest), disk, ignored -> hasCore ? Processes.shipped() : Processes.begun(core));
    } catch (Exception error) {
      throw new AssertionError(error);
    }
    for (String name : List.of("BLUETOOTH_CONNECT", "BLUETOOTH_SCAN", "ACCESS_FINE_LOCATION", "ACCESS_COARSE_LOCATION", "ACCESS_BACKGROUND_LOCATION"))
      handset.granted.add("android.permission." + name);
    handset.isExempt = true;
    handset.tag.isBonded = true;
    // As a pairing left it, in the storage that is open before anybody unlocks the phone.
    handset.preferences.put(true + "app", new HashMap<>(Map.of("tag", Tag.ADDRESS)));
  }

  static void check(boolean holds, String what) {
    if (!holds) throw new AssertionError(what);
  }

  static void same(Object expected, Object found) {
    if (!expected.equals(found)) throw new AssertionError("expected " + expected + ", found " + found);
  }

  static List<String> told() {
    return Recorder.last().told;
  }

  /** A press of the button, and that the core heard it within a second with the screen off. */
  void pressIsHeard() {
    int before = Recorder.last().frames.size();
    handset.screen(false);
    handset.pass(30_000);
    handset.tag.press(FRAME);
    handset.pass(1_000);
    same(before + 1, Recorder.last().frames.size());
    check(Arrays.equals(FRAME, Recorder.last().frames.get(before)), "the bytes are those of the button");
    check(Arrays.equals(new byte[] {1}, handset.tag.written.get(handset.tag.written.size() - 1)), "the button has its acknowledgement");
  }

  /** Her page, opened. */
  WebView page() {
    handset.isUnlocked = true;
    return (WebView) handset.open().content;
  }
}
