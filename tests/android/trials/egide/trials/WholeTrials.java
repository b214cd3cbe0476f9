package egide.trials;

import android.webkit.WebMessage;
import android.webkit.WebView;
import egide.core.engine.NativePhone;
import egide.core.newer.Newer;
import egide.core.protocol.Bytes;
import egide.core.protocol.Kind;
import egide.fake.Handset;
import java.util.Locale;

/** App and core together, with a kit: what they send with the screen off, and what they cost. */
final class WholeTrials extends Trial {
  private static final long HOUR_MS = 3_600_000;
  private Servers servers;
  private NativePhone phone;

  WholeTrials() {
    core = platform -> {
      // The store of an ended process is let go by the platform.
      if (phone != null) phone.end();
      Servers made = new Servers(platform.loop());
      made.isCut = servers != null && servers.isCut;
      servers = made;
      phone = new NativePhone(platform, "1.0", made, (url, target, bytes, then) -> () -> {}, Newer.DAY_US);
      return phone;
    };
    handset.granted.add("android.permission.SEND_SMS");
    handset.fixes.add(new android.location.Location("gps", 50.85, 4.35, 5, handset.elapsedMs()));
  }

  private void ask(String question) {
    WebView view = page();
    view.given.postMessage(new WebMessage(question));
    handset.pass(2_000);
  }

  /** With a kit, at rest, and nobody looks. */
  private void enrolled() {
    ask("{\"what\":\"enrol\",\"server\":\"https://one.invalid\",\"code\":\"7KQM2XVD\"}");
    check(handset.service() != null, "with a kit it stays");
    rest();
  }

  private void rest() {
    handset.isPageSeen = false;
    handset.screen(false);
    handset.pass(60_000);
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
    check(state.contains("\"isEnrolled\":false") && state.contains("\"warns\":true"), state);
  }

  /** What so many hours cost, for each of them; said for docs/android.md, which is held against it. */
  private void cost(String when, int hours) {
    int wakings = handset.wakings, asked = servers.asked;
    long awakeMs = handset.uptimeMs(), bytes = servers.sentBytes;
    handset.pass(hours * HOUR_MS);
    long awakeS = (handset.uptimeMs() - awakeMs) / 1000 / hours;
    System.out.printf(
        Locale.ROOT,
        "cost %s: %d wake-ups, %d s awake, %d messages, %.1f kB sent%n",
        when,
        (handset.wakings - wakings) / hours,
        awakeS,
        (servers.asked - asked) / hours,
        (servers.sentBytes - bytes) / 1000.0 / hours);
  }

  void trialWhatAnHourAtRestAndOneInAnAlarmCost() {
    enrolled();
    handset.isDozing = true;
    handset.pass(HOUR_MS);
    cost("at rest", 6);
    ask("{\"what\":\"press\"}");
    rest();
    same(1L, servers.count(Kind.PRESS));
    cost("in an alarm", 1);
    check(servers.count(Kind.HEARTBEAT) >= 4 * 7, "it lives");
    check(servers.count(Kind.POSITION) >= 700, "and says where she is");
  }
}
