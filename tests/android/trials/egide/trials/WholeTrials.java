package egide.trials;

import android.webkit.WebMessage;
import android.webkit.WebView;
import egide.core.protocol.Bytes;
import egide.core.protocol.Kind;
import egide.core.protocol.LinkFlag;
import egide.fake.Handset;
import java.util.Locale;

/** App and core together, with a kit: what they send with the screen off, and what they cost. */
final class WholeTrials extends KitTrial {
  private static final long HOUR_MS = 3_600_000;

  void trialAHeldButtonIsSignedForWithinASecondAfterADayAtRestBeforeAnybodyUnlockedThePhone() {
    enrolled();
    handset.boot();
    handset.pass(24 * HOUR_MS + 60_000);
    check(!handset.isUnlocked && !handset.isAwake() && handset.doze.isDeep(), "nobody came, and it sleeps");
    pressArrives();
  }

  void trialEndedInAnAlarmForWantOfMemoryItGoesOnAndHearsTheButton() {
    enrolled();
    servers.isCut = true;
    handset.tag.press(HELD);
    handset.pass(1_000);
    handset.kill();
    handset.tag.press(HELD_LATER);
    handset.pass(10_000);
    same(0L, servers.count(Kind.PRESS));
    servers.isCut = false;
    handset.network();
    handset.pass(5_000);
    same(2L, servers.count(Kind.PRESS));
    long before = servers.count(Kind.POSITION);
    handset.kill();
    handset.pass(60_000);
    check(servers.count(Kind.POSITION) >= 8, "it goes on saying where she is, by itself: " + before);
  }

  /** What the last sign of life said of phone and button. */
  private long link() {
    handset.pass(1_000_000);
    return servers.heard.stream().filter(message -> message.kind() == Kind.HEARTBEAT).reduce((one, later) -> later).orElseThrow().link();
  }

  void trialWhatAndroidTookAwayIsSaidWithTheNextSignOfLifeAndThatItIsBackToo() {
    enrolled();
    int linked = LinkFlag.BUTTON_PAIRED | LinkFlag.BUTTON_CONNECTED;
    same((long) linked, link() & (linked | LinkFlag.POSITION_REFUSED));
    handset.tag.power(false);
    same((long) LinkFlag.BUTTON_PAIRED, link() & linked);
    handset.tag.power(true);
    same((long) linked, link() & linked);
    handset.withdraw("ACCESS_BACKGROUND_LOCATION");
    same((long) LinkFlag.POSITION_REFUSED, link() & LinkFlag.POSITION_REFUSED);
    handset.withdraw("BLUETOOTH_CONNECT");
    same(0L, link() & LinkFlag.BUTTON_CONNECTED);
    handset.granted.add("android.permission.BLUETOOTH_CONNECT");
    page();
    rest();
    pressArrives();
  }

  void trialBluetoothOffTheExemptionAndTextMessagesTakenBackAreSaidByThemselves() {
    enrolled();
    // Without the exemption Doze would keep the sign of life until its next window.
    handset.doze.plug(true);
    int taken = LinkFlag.RADIO_OFF | LinkFlag.SAVER_ON | LinkFlag.TEXTS_REFUSED;
    same(0L, link() & taken);
    handset.withdraw("SEND_SMS");
    same((long) LinkFlag.TEXTS_REFUSED, link() & taken);
    handset.granted.add("android.permission.SEND_SMS");
    handset.tag.power(false);
    same((long) LinkFlag.RADIO_OFF, link() & taken);
    handset.tag.power(true);
    handset.isExempt = false;
    same((long) LinkFlag.SAVER_ON, link() & taken);
    handset.isExempt = true;
    handset.withdraw("BLUETOOTH_SCAN");
    same((long) LinkFlag.RADIO_OFF, link() & taken);
  }

  void trialWithEveryServerCutOffAPressGoesByTextAndAlsoAfterARestart() {
    enrolled();
    servers.isCut = true;
    ask("{\"what\":\"press\"}");
    rest();
    same(1, handset.texts.size());
    Handset.Texted text = handset.texts.get(0);
    same(Servers.ROAD.number() + " " + Servers.ROAD.port(), text.number() + " " + text.port());
    handset.boot();
    handset.pass(60_000);
    same(2, handset.texts.size());
    same(Bytes.toHex(text.data()), Bytes.toHex(handset.texts.get(1).data()));
    servers.isCut = false;
    handset.pass(60_000);
    same(1L, servers.count(Kind.PRESS));
    handset.pass(HOUR_MS);
    same(2, handset.texts.size());
  }

  void trialWithoutItsKeyAPhoneThatStartsSaysSoAndSendsNothing() {
    enrolled();
    handset.loseKeys();
    handset.boot();
    handset.pass(60_000);
    same(0, servers.asked);
    WebView view = page();
    view.given.postMessage(new WebMessage("{\"what\":\"state\"}"));
    handset.pass(1_000);
    String state = view.given.arrived.get(view.given.arrived.size() - 1);
    check(state.contains("\"isEnrolled\":false") && state.contains("\"isLost\":true"), state);
  }

  /** Doze takes the network from an app without exemption; what it cannot take is the text message. */
  void trialWithoutTheExemptionAPressInDozeGoesByTextAtOnceAndToAServerInTheNextWindow() {
    enrolled();
    handset.isExempt = false;
    handset.doze.force();
    handset.pass(60_000);
    handset.tag.press(HELD);
    handset.pass(1_000);
    same(0L, servers.count(Kind.PRESS));
    same(1, handset.texts.size());
    while (handset.doze.isDeep()) handset.pass(60_000);
    handset.pass(5_000);
    same(1L, servers.count(Kind.PRESS));
    handset.pass(HOUR_MS);
    same(3, handset.texts.size());
  }

  /** What so many hours cost, for each of them; said for docs/android.md, which is held against it. */
  private void cost(String when, int hours) {
    int wakings = handset.wakings, asked = servers.asked;
    long awakeMs = handset.uptimeMs(), bytes = servers.sentBytes, radioMs = servers.radioMs;
    handset.pass(hours * HOUR_MS);
    System.out.printf(
        Locale.ROOT,
        "cost %s: %.0f wake-ups, %d s awake, %.0f s of radio, %.0f messages, %.1f kB sent%n",
        when,
        (handset.wakings - wakings) / (double) hours,
        (handset.uptimeMs() - awakeMs) / 1000 / hours,
        (servers.radioMs - radioMs) / 1000.0 / hours,
        (servers.asked - asked) / (double) hours,
        (servers.sentBytes - bytes) / 1000.0 / hours);
  }

  void trialWhatAnHourAtRestAndOneInAnAlarmCost() {
    enrolled();
    handset.pass(2 * HOUR_MS);
    int before = handset.doze.windows;
    cost("at rest", 24);
    same(5, handset.doze.windows - before);
    ask("{\"what\":\"press\"}");
    rest();
    same(1L, servers.count(Kind.PRESS));
    cost("in an alarm", 1);
    check(servers.count(Kind.HEARTBEAT) >= 4 * 26, "it lives");
    check(servers.count(Kind.POSITION) >= 700, "and says where she is");
  }
}
