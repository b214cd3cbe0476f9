package egide.trials;

import android.app.Activity;
import android.webkit.WebView;
import egide.fake.Handset;
import egide.fake.Manifest;
import egide.fake.Tag;
import java.io.File;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the shipped classes do on an invented telephone. Each public method is one trial; `ok NAME` or `failed NAME: why` is
 * printed for each, and the tests in tests/android read it.
 */
public final class Trials {
  private static final int CONNECTED = 16;
  private static final int LOCATION = 8;
  private static final int MICROPHONE = 128;
  private static final byte[] FRAME = {1, 2, 3};
  private static File manifest;
  private final Handset handset;
  /** Whether the processes of this trial have the app's own core. */
  private boolean hasCore;

  public static void main(String[] arguments) throws Exception {
    manifest = new File(arguments[0]);
    Method[] methods = Trials.class.getDeclaredMethods();
    Arrays.sort(methods, Comparator.comparing(Method::getName));
    for (Method method : methods) {
      if (method.getName().startsWith("trial")) run(method);
    }
  }

  private static void run(Method method) throws Exception {
    String said = "ok " + method.getName();
    try {
      method.invoke(new Trials());
    } catch (java.lang.reflect.InvocationTargetException failed) {
      Throwable why = failed.getCause();
      said = "failed " + method.getName() + ": " + why + " at " + Arrays.stream(why.getStackTrace()).limit(6).toList();
    }
    System.out.println(said);
  }

  private Trials() throws Exception {
    Recorder.all.clear();
    Recorder.isNeeded = true;
    Recorder.isFull = false;
    File disk = Files.createTempDirectory("handset").toFile();
    handset = new Handset(34, new Manifest(manifest), disk, ignored -> hasCore ? Processes.shipped() : Processes.begun());
    for (String name : List.of("BLUETOOTH_CONNECT", "BLUETOOTH_SCAN", "ACCESS_FINE_LOCATION", "ACCESS_COARSE_LOCATION", "ACCESS_BACKGROUND_LOCATION"))
      handset.granted.add("android.permission." + name);
    handset.isExempt = true;
    handset.tag.isBonded = true;
    // As a pairing left it, in the storage that is open before anybody unlocks the phone.
    handset.preferences.put(true + "app", new HashMap<>(Map.of("tag", Tag.ADDRESS)));
  }

  private static void check(boolean holds, String what) {
    if (!holds) throw new AssertionError(what);
  }

  private static void same(Object expected, Object found) {
    if (!expected.equals(found)) throw new AssertionError("expected " + expected + ", found " + found);
  }

  private static List<String> told() {
    return Recorder.last().told;
  }

  /** A press of the button, and that the core heard it within a second with the screen off. */
  private void pressIsHeard() {
    int before = Recorder.last().frames.size();
    handset.screen(false);
    handset.pass(30_000);
    handset.tag.press(FRAME);
    handset.pass(1_000);
    same(before + 1, Recorder.last().frames.size());
    check(Arrays.equals(FRAME, Recorder.last().frames.get(before)), "the bytes are those of the button");
    check(Arrays.equals(new byte[] {1}, handset.tag.written.get(handset.tag.written.size() - 1)), "the button has its acknowledgement");
  }

  // -- starting --------------------------------------------------------------------------------------------------

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
    same(1, view.given.arrived.size());
    String state = view.given.arrived.get(0);
    check(state.startsWith("{\"state\":{\"isEnrolled\":false,") && state.contains("\"alarm\":\"\""), state);
    check(!new File(handset.disk, "safe/kit").exists(), "nothing is kept");
  }

  // -- staying ---------------------------------------------------------------------------------------------------

  void trialAPressIsHeardAfterADayAtRestWithTheScreenOff() {
    handset.boot();
    handset.screen(false);
    handset.isDozing = true;
    handset.pass(86_400_000);
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
    handset.isDozing = true;
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

  // -- the button ------------------------------------------------------------------------------------------------

  void trialTheLinkComesBackWhenTheButtonDoes() {
    handset.boot();
    handset.screen(false);
    handset.pass(60_000);
    // Nothing else wakes the processor meanwhile: it must wait for the button again before it sleeps.
    handset.tag.near(false);
    handset.pass(5_000);
    check(told().contains("link false"), "the core knows");
    handset.tag.near(true);
    pressIsHeard();
    handset.tag.near(false);
    handset.pass(3_600_000);
    handset.tag.near(true);
    pressIsHeard();
  }

  void trialBluetoothOffAndOn() {
    handset.boot();
    handset.tag.power(false);
    handset.pass(10_000);
    check(told().get(told().size() - 1).equals("changed") && told().contains("link false"), "the core looks again: " + told());
    handset.tag.press(FRAME);
    handset.tag.power(true);
    handset.pass(5_000);
    same(1, Recorder.last().frames.size());
    pressIsHeard();
  }

  void trialAButtonThatRefusesThreeTimesIsUnpaired() {
    handset.tag.refuses = true;
    handset.boot();
    handset.screen(true);
    handset.pass(10_000);
    check(told().contains("button-unpaired"), "told: " + told());
    check(!Recorder.last().platform.radio().isPaired(), "not paired");
    same(1L, told().stream().filter("button-unpaired"::equals).count());
    handset.tag.refuses = false;
    handset.pass(5_000);
    check(Recorder.last().platform.radio().isPaired(), "one that takes this phone again is paired again");
  }

  void trialABondThatSomebodyRemovedIsToldAndNotAskedForAgain() {
    handset.boot();
    int links = handset.tag.links;
    handset.tag.unbond();
    handset.screen(true);
    handset.pass(60_000);
    check(told().contains("button-unpaired"), "told: " + told());
    same(links, handset.tag.links);
  }

  void trialAButtonThatNeverAnswersIsLetGo() {
    handset.tag.isMute = true;
    handset.boot();
    handset.screen(false);
    handset.pass(15_000);
    int links = handset.tag.links;
    check(links >= 2, "begun anew: " + links);
    handset.tag.isMute = false;
    handset.pass(15_000);
    pressIsHeard();
  }

  void trialAHoldTimeThatCannotBeGivenIsSaidSo() {
    handset.boot();
    handset.screen(true);
    handset.tag.near(false);
    handset.pass(2_000);
    Recorder.last().platform.radio().giveHold(new byte[16]);
    handset.settle();
    check(told().contains("hold false"), "told: " + told());
    handset.tag.near(true);
    handset.pass(2_000);
    handset.tag.isMute = true;
    Recorder.last().platform.radio().giveHold(new byte[16]);
    handset.pass(15_000);
    same(2L, told().stream().filter("hold false"::equals).count());
  }

  void trialTheButtonsChargeIsRead() {
    handset.boot();
    handset.screen(true);
    Recorder.last().platform.radio().askBattery();
    handset.pass(100);
    check(told().contains("battery 77"), "told: " + told());
  }

  // -- pairing ---------------------------------------------------------------------------------------------------

  /** Begins; how it ends is added to what is given back. */
  private static List<String> pairing(egide.core.ports.Radio.Claim claim) {
    List<String> ends = new java.util.ArrayList<>();
    Recorder.last().platform.radio().pair(claim, new egide.core.ports.Radio.Paired() {
      @Override
      public void onPaired() {
        ends.add("paired");
      }

      @Override
      public void onFailed(String word) {
        ends.add(word);
      }
    });
    return ends;
  }

  private List<String> pair(boolean isOurs) {
    handset.preferences.clear();
    handset.tag.isBonded = false;
    handset.isUnlocked = true;
    handset.open();
    handset.tag.claims.add(new byte[9]);
    handset.tag.claims.add(new byte[] {9});
    var claim = new egide.core.ports.Radio.Claim() {
      @Override
      public byte[] proof(byte[] offered) {
        return offered.length == 9 ? new byte[] {5, 5} : null;
      }

      @Override
      public boolean isOurs(byte[] answer) {
        return isOurs && Arrays.equals(answer, new byte[] {9});
      }
    };
    List<String> ends = pairing(claim);
    handset.pass(20_000);
    return ends;
  }

  void trialAButtonThatProvesItselfIsPairedForGood() {
    same(List.of("paired"), pair(true));
    check(Arrays.equals(new byte[] {5, 5}, handset.tag.written.get(0)), "our proof");
    same(Set.of(Tag.ADDRESS), handset.associated);
    handset.boot();
    pressIsHeard();
  }

  void trialAnotherButtonIsNotOurs() {
    same(List.of("not-ours"), pair(false));
    check(!Recorder.last().platform.radio().isPaired(), "not paired");
    check(handset.preferences.getOrDefault(true + "app", Map.of()).isEmpty(), "nothing is kept of it");
  }

  void trialWithoutAPageNobodyCanPair() {
    handset.boot();
    List<String> ends = pairing(null);
    handset.settle();
    same(List.of("not-chosen"), ends);
  }

  // -- permissions -----------------------------------------------------------------------------------------------

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

  // -- text messages ---------------------------------------------------------------------------------------------

  void trialBothHalvesGoOutAndEachSaysHowItWent() {
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

  // -- the page --------------------------------------------------------------------------------------------------

  private WebView page() {
    handset.isUnlocked = true;
    return (WebView) handset.open().content;
  }

  void trialThePagesCanReachNothingButTheirPort() {
    WebView view = page();
    Map<String, Object> allowed = new HashMap<>(view.getSettings().set);
    check(Boolean.TRUE.equals(allowed.remove("script")) && Boolean.TRUE.equals(allowed.remove("storage")), "what the small apps need");
    check(allowed.size() >= 7 && allowed.values().stream().noneMatch(Boolean.TRUE::equals), "nothing else: " + allowed);
    same("https://pages.invalid", view.target);
    check(view.client.shouldOverrideUrlLoading(view, null), "no page leads anywhere");
    view.given.postMessage(new android.webkit.WebMessage("{\"what\":1}"));
    handset.settle();
    check(told().contains("ask {\"what\":1}"), "told: " + told());
    Recorder.last().platform.screen().tell("{}");
    same(List.of("{}"), view.given.arrived);
  }

  private android.webkit.WebResourceResponse asked(WebView view, String method, String url) {
    return view.client.shouldInterceptRequest(view, new android.webkit.WebResourceRequest() {
      @Override
      public android.net.Uri getUrl() {
        return android.net.Uri.parse(url);
      }

      @Override
      public String getMethod() {
        return method;
      }
    });
  }

  void trialEveryRequestOfAPageIsAnsweredHere() {
    WebView view = page();
    var first = asked(view, "GET", "https://pages.invalid/native.html");
    same(200, first.status);
    same("text/html", first.type);
    String policy = first.headers.get("Content-Security-Policy");
    check(policy.contains("default-src 'none'") && policy.contains("connect-src 'none'") && !policy.contains("unsafe"), policy);
    for (String url : List.of("https://example.org/", "https://pages.invalid.example.org/native.html", "http://pages.invalid/native.html",
        "https://pages.invalid/none.js", "https://pages.invalid/../secret", "https://pages.invalid/", "file:///data/data"))
      same(404, asked(view, "GET", url).status);
    same(404, asked(view, "POST", "https://pages.invalid/native.html").status);
  }

  void trialPicturesOfTheWindowAreForbiddenUnlessADecoyIsShown() {
    handset.isUnlocked = true;
    Activity page = handset.open();
    WebView view = (WebView) page.content;
    same(8192, page.getWindow().flags);
    view.given.postMessage(new android.webkit.WebMessage("platform secure off"));
    same(0, page.getWindow().flags);
    view.given.postMessage(new android.webkit.WebMessage("platform secure nonsense"));
    same(8192, page.getWindow().flags);
    view.given.postMessage(new android.webkit.WebMessage("platform secure off"));
    page.leave();
    same(8192, page.getWindow().flags);
    page.comeBack();
    same(0, page.getWindow().flags);
    view.given.postMessage(new android.webkit.WebMessage("platform secure on"));
    page.leave();
    page.comeBack();
    same(8192, page.getWindow().flags);
  }

  void trialTheLauncherShowsTheDecoyThatSheChose() {
    WebView view = page();
    view.given.postMessage(new android.webkit.WebMessage("platform show timer"));
    same(Map.of("egide.app.Timer", 1, "egide.app.Notes", 2, "egide.app.Converter", 2, "egide.app.Calendar", 2), handset.components);
    handset.components.clear();
    for (String word : List.of("platform show alarm", "platform show", "platform show notes extra", "platform "))
      view.given.postMessage(new android.webkit.WebMessage(word));
    same(Map.of(), handset.components);
  }

  void trialAPermissionIsAskedForOnlyWhenThePageSaysSo() {
    handset.granted.clear();
    handset.isUnlocked = true;
    Activity page = handset.open();
    WebView view = (WebView) page.content;
    same(0, page.asked.size());
    view.given.postMessage(new android.webkit.WebMessage("platform allow button"));
    same(List.of("android.permission.BLUETOOTH_CONNECT", "android.permission.BLUETOOTH_SCAN"), Arrays.asList(page.asked.get(0)));
    page.answer(true);
    handset.settle();
    check(view.given.arrived.get(0).contains("\"button\":true,\"position\":false"), "the page is told: " + view.given.arrived);
    check(told().contains("changed"), "so is the core");
    view.given.postMessage(new android.webkit.WebMessage("platform allow battery"));
    same("android.settings.REQUEST_IGNORE_BATTERY_OPTIMIZATIONS", page.started.get(0).getAction());
    view.given.postMessage(new android.webkit.WebMessage("platform allow everything"));
    same(1, page.asked.size());
  }
}
