package egide.core.engine;

import egide.core.ports.Texts;
import egide.core.protocol.Sms;
import egide.core.protocol.TextRoad;
import egide.core.store.Outgoing;
import egide.core.time.Loop;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Presses that no server took in time go by a binary text message too, in the same bytes: whichever road is first, intake makes one
 * press of both. What comes back is the network's word, which proves nothing. Where no network takes it, her page offers the two
 * texts that stay visible, and she alone can send them (docs/decisions/0081).
 */
final class TextPresses {
  /** So long a press waits for its receipt before it is sent by text too; at once when no server answers. */
  static final long PATIENCE_US = 4_000_000;
  /** The network took it, and it may be lost all the same: it is said again after so long, so often in all. */
  static final long AGAIN_US = 120_000_000;
  static final int TAKEN_AT_MOST = 3;
  /** The network did not take it, or said nothing for a minute. */
  private static final long FIRST_PAUSE_US = 10_000_000, LONGEST_PAUSE_US = 300_000_000, SILENCE_US = 60_000_000;
  /** Android asks the person about an app that sends more than thirty messages within half an hour, on the screen. */
  static final int AT_MOST = 20;
  static final long WITHIN_US = 1_800_000_000;

  private final Loop loop;
  private final TextRoad road;
  private final Texts texts;
  private final Reporter reporter;
  private final Map<Long, Trying> trying = new HashMap<>();
  private int sentLately;

  /** `road` null: there is none. */
  TextPresses(Loop loop, TextRoad road, Texts texts, Reporter reporter) {
    this.loop = loop;
    this.road = road;
    this.texts = texts;
    this.reporter = reporter;
  }

  /** There is a road, and the phone does not let us take it. */
  boolean areRefused() {
    return road != null && !texts.maySend();
  }

  /** Addresses of the two texts of the newest press, if neither servers nor the network took it in the hidden form; else none. */
  List<String> offered() {
    Trying newest = trying.isEmpty() ? null : trying.get(Collections.max(trying.keySet()));
    if (newest == null || newest.taken > 0 || !newest.isHeldUp) {
      return Collections.emptyList();
    }
    return Sms.texts(newest.press.data()).stream().map(text -> Sms.link(road.number(), text)).collect(Collectors.toList());
  }

  /** A press is on its way to the servers. */
  void follow(Outgoing press) {
    if (road != null && !trying.containsKey(press.counter())) {
      Trying one = new Trying(press);
      trying.put(press.counter(), one);
      one.in(PATIENCE_US);
    }
  }

  /** No server answered. */
  void hurry(long counter) {
    Trying one = trying.get(counter);
    if (one != null && one.tries == 0) {
      one.again();
    }
  }

  /** The receipt is here. */
  void end(long counter) {
    Trying one = trying.remove(counter);
    if (one != null) {
      one.rest();
    }
  }

  void stop() {
    trying.values().forEach(Trying::rest);
    trying.clear();
  }

  /** One press without a receipt. */
  private final class Trying {
    private final Outgoing press;
    private int tries;
    private int taken;
    /** It may not be sent, does not fit, or the network refused it or said nothing of it. */
    private boolean isHeldUp;
    private Loop.Timer timer;

    Trying(Outgoing press) {
      this.press = press;
    }

    void in(long us) {
      timer = loop.after(us, this::again);
    }

    void rest() {
      timer.cancel();
    }

    void again() {
      rest();
      boolean isFree = sentLately < AT_MOST && texts.maySend() && Sms.fitsBinary(press.data());
      isHeldUp = !isFree || tries > 0;
      if (!isFree) {
        // A permission can come back, a half hour ends.
        in(SILENCE_US);
        return;
      }
      tries++;
      sentLately++;
      loop.after(WITHIN_US, () -> sentLately--);
      int own = tries;
      in(SILENCE_US);
      texts.send(road.number(), road.port(), press.data(), isTaken -> loop.soon(() -> {
        if (own == tries && trying.get(press.counter()) == this) {
          answered(isTaken);
        }
      }));
    }

    private void answered(boolean isTaken) {
      reporter.report("phone.texted", Facts.of("counter", press.counter(), "is_taken", isTaken));
      rest();
      isHeldUp = true;
      taken += isTaken ? 1 : 0;
      if (!isTaken) {
        in(Math.min(LONGEST_PAUSE_US, FIRST_PAUSE_US << Math.min(tries - 1, 16)));
      } else if (taken < TAKEN_AT_MOST) {
        in(AGAIN_US);
      }
    }
  }
}
