package egide.core.engine;

import egide.core.ports.Radio;
import egide.core.protocol.Advertised;
import egide.core.protocol.Bthome;
import egide.core.protocol.BthomeError;
import egide.core.protocol.ButtonFrame;
import egide.core.protocol.Frame;
import egide.core.protocol.FrameError;
import egide.core.protocol.Message;
import egide.core.protocol.Notice;
import egide.core.rules.Rules;
import egide.core.rules.Verdict;
import egide.core.store.PhoneStore;
import egide.core.time.Loop;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/** What the button says: believed or refused, and each press acknowledged once the core has kept it. */
final class Button implements Radio.Heard {
  /** One notice of a kind in this time: a jammer must not drain the battery. */
  private static final long NOTICE_PAUSE_US = 3600L * 1_000_000;
  private static final long KEEP_AGAIN_US = 1_000_000;

  private final Companion core;
  private final Loop loop;
  private final PhoneStore store;
  private final Radio radio;
  private final KitSettings kit;
  private final Reporter reporter;
  private final byte[] key;
  private final Map<String, Long> noticedUs = new HashMap<>();
  /** What the radio said while a press of a button that only broadcasts could not be kept yet. */
  private final Deque<Runnable> heard = new ArrayDeque<>();
  private boolean isKeepingAgain;
  private Long pct;

  /** `key`: which this button has in common with the phone. */
  Button(Companion core, Loop loop, PhoneStore store, Radio radio, KitSettings kit, Reporter reporter, byte[] key) {
    this.core = core;
    this.loop = loop;
    this.store = store;
    this.radio = radio;
    this.kit = kit;
    this.reporter = reporter;
    this.key = key;
  }

  /** Its battery in percent, as it said last; null when it never did. */
  Long pct() {
    return pct;
  }

  @Override
  public void onFrame(byte[] data) {
    loop.soon(() -> inTurn(() -> take(data)));
  }

  @Override
  public void onBroadcast(byte[] address, byte[] serviceData) {
    loop.soon(() -> inTurn(() -> takeBroadcast(address, serviceData)));
  }

  @Override
  public void onLink(boolean isConnected) {
    loop.soon(core::tellNow);
  }

  @Override
  public void onTrouble(String notice) {
    loop.soon(() -> giveNotice(notice));
  }

  @Override
  public void onBattery(int percent) {
    loop.soon(() -> pct = percent >= 0 && percent <= 100 ? (Long) (long) percent : null);
  }

  @Override
  public void onHold(boolean isTaken) {
    loop.soon(() -> kit.onHold(isTaken));
  }

  /** What was said first is taken first. */
  private void inTurn(Runnable taking) {
    heard.add(taking);
    while (!heard.isEmpty() && !isKeepingAgain) {
      heard.remove().run();
    }
  }

  private void take(byte[] data) {
    ButtonFrame frame;
    try {
      frame = Frame.decode(data, key);
    } catch (FrameError error) {
      refuseFrame(error.reason);
      return;
    }
    Verdict verdict = Rules.judge(frame, store.buttonHighest(), store.hasPress(frame.counter()));
    if (verdict == Verdict.REPLAY) {
      refuseFrame("replay");
      return;
    }
    pct = frame.batteryPct();
    if (verdict == Verdict.ACCEPT && !core.keep(pressed(frame), frame.counter())) {
      return;
    }
    radio.acknowledge(Frame.ack(frame.counter(), key));
  }

  private void takeBroadcast(byte[] address, byte[] serviceData) {
    Advertised found;
    try {
      found = Bthome.decode(serviceData, address, key);
    } catch (BthomeError error) {
      refuseFrame(error.reason);
      return;
    }
    takeAdvertised(found);
  }

  /** A button that only broadcasts: whatever it said raises the highest counter, so that nothing counts twice. */
  private void takeAdvertised(Advertised found) {
    if (found.counter() == store.buttonHighest()) {
      return;
    }
    try {
      found.checkFresh(store.buttonHighest());
    } catch (BthomeError error) {
      refuseFrame(error.reason);
      return;
    }
    if (found.batteryPct() != null) {
      pct = found.batteryPct();
    }
    if (found.isAlarm()) {
      keepUntilKept(core.pressed(loop.nowUs(), 0), found.counter());
      return;
    }
    try {
      store.doNoteButton(found.counter());
    } catch (IOException error) {
      core.failToStore(error, Facts.of("counter", found.counter()));
    }
  }

  /** It says a press for a moment and never again, so a full disk is tried until there is room. */
  private void keepUntilKept(Message message, long buttonCounter) {
    isKeepingAgain = !core.keep(message, buttonCounter);
    if (isKeepingAgain) {
      loop.after(KEEP_AGAIN_US, () -> {
        keepUntilKept(message, buttonCounter);
        inTurn(() -> {});
      });
    }
  }

  private Message pressed(ButtonFrame frame) {
    Long atUs = frame.ageS() == null ? null : (Long) (loop.nowUs() - frame.ageS() * 1_000_000);
    return core.pressed(atUs, Rules.AGE_STEP_US);
  }

  private void refuseFrame(String reason) {
    reporter.report("phone.frame_refused", Facts.of("reason", reason));
    giveNotice(Notice.FRAME_REFUSED);
  }

  /** Tells the zone, not more than once an hour for the same thing. */
  private void giveNotice(String notice) {
    long nowUs = loop.nowUs();
    Long lastUs = noticedUs.get(notice);
    // A clock that was set back must not keep the zone from hearing of it for years.
    if (lastUs == null || nowUs < lastUs || nowUs - lastUs >= NOTICE_PAUSE_US) {
      noticedUs.put(notice, nowUs);
      core.note(notice);
    }
  }
}
