package egide.trials;

import android.webkit.WebMessage;
import android.webkit.WebView;
import egide.core.engine.NativePhone;
import egide.core.newer.Newer;
import egide.core.ports.Phone;
import egide.core.protocol.Bytes;
import egide.core.protocol.Frame;
import egide.core.protocol.Kind;
import java.lang.reflect.Proxy;

/** App and core together, as they are shipped, with a kit. */
abstract class KitTrial extends Trial {
  /** A press of the kit's button, its seventh, and one that says nothing of its age (contracts/gatt.md, its table). */
  static final byte[] HELD = Bytes.fromHex("010107000000d00700005783850c5a3e4c1d8f");
  static final byte[] HELD_LATER = Bytes.fromHex("0101ffffffff8813ffffff732835bf46b159de");
  Servers servers;
  NativePhone phone;
  /** The app is of a version that kept all in one place, whoever had unlocked the telephone. */
  boolean isEarlier;

  KitTrial() {
    core = platform -> {
      // The store of an ended process is let go by the platform.
      if (phone != null) phone.end();
      Servers made = new Servers(platform.loop());
      made.isCut = servers != null && servers.isCut;
      servers = made;
      phone = new NativePhone(platform, "1.0", made, (url, target, bytes, then) -> () -> {}, Newer.DAY_US);
      return isEarlier ? earlier(phone) : phone;
    };
    handset.granted.add("android.permission.SEND_SMS");
    handset.fixes.add(new android.location.Location("gps", 50.85, 4.35, 5, handset.elapsedMs()));
  }

  private static Phone earlier(Phone phone) {
    return (Phone) Proxy.newProxyInstance(
        KitTrial.class.getClassLoader(),
        new Class<?>[] {Phone.class},
        (proxy, method, said) -> method.getName().equals("onUnlocked") ? null : method.invoke(phone, said));
  }

  void ask(String question) {
    WebView view = page();
    view.given.postMessage(new WebMessage(question));
    handset.pass(2_000);
  }

  /** With a kit, at rest, and nobody looks. */
  void enrolled() {
    ask("{\"what\":\"enrol\",\"server\":\"https://one.invalid\",\"code\":\"7KQM2XVD\"}");
    check(handset.service() != null, "with a kit it stays");
    rest();
  }

  void rest() {
    handset.isPageSeen = false;
    handset.screen(false);
    handset.pass(60_000);
  }

  /** The button is held: within a second a server has signed for it and the button has its acknowledgement. */
  void pressArrives() {
    long before = servers.count(Kind.PRESS);
    handset.tag.press(HELD);
    handset.pass(1_000);
    same(before + 1, servers.count(Kind.PRESS));
    byte[] last = handset.tag.written.get(handset.tag.written.size() - 1);
    same(Bytes.toHex(Frame.ack(7, Servers.BUTTON_KEY)), Bytes.toHex(last));
  }
}
