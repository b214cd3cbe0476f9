package egide.fake;

import android.content.Intent;
import android.os.PowerManager;

/**
 * How a telephone that nobody touches sleeps: light Doze, also in a pocket that moves, then the deep one, each left for windows
 * of maintenance that come more and more seldom. Steps and lengths are those of the open platform (DeviceIdleController of
 * Android 12); a maker may have others.
 *
 * <p>What is withheld is what the documentation says of every app. The open platform spares one that stands in the foreground;
 * that is not counted on here.
 */
public final class Doze {
  private static final long MINUTE_MS = 60_000;
  /** Thirty minutes untouched, thirty more, and then it looks for four and a half whether it lies still. */
  private static final long STILL_MS = 64 * MINUTE_MS + 30_000;
  /** After a movement it takes ten instead of the first thirty. */
  private static final long STILL_AGAIN_MS = 44 * MINUTE_MS + 30_000;
  /** Whatever may wake it by itself within this time keeps it from the deep one (an alarm clock, hers or another app's). */
  private static final long CLOCK_NEAR_MS = 30 * MINUTE_MS;
  /** An app is woken by its own alarms this often at most, in the deep one and else (AlarmManager.setAndAllowWhileIdle). */
  private static final long DEEP_ALARM_MS = 9 * MINUTE_MS;
  private static final long ALARM_MS = MINUTE_MS;

  private enum Step {
    AWAKE,
    WAITING,
    IDLE,
    WINDOW
  }

  /** One of the two. Each idle time is twice as long as the one before, up to a limit, and so is each window. */
  private static final class Depth {
    private final long firstIdleMs;
    private final long lastIdleMs;
    private final long firstWindowMs;
    private final long lastWindowMs;
    private long idleMs;
    private long windowMs;
    private Step step = Step.AWAKE;
    private long untilMs = Long.MAX_VALUE;

    Depth(long firstIdleMs, long lastIdleMs, long firstWindowMs, long lastWindowMs) {
      this.firstIdleMs = firstIdleMs;
      this.lastIdleMs = lastIdleMs;
      this.firstWindowMs = firstWindowMs;
      this.lastWindowMs = lastWindowMs;
    }

    void leave() {
      step = Step.AWAKE;
      untilMs = Long.MAX_VALUE;
    }

    void await(long untilMs) {
      step = Step.WAITING;
      this.untilMs = untilMs;
      idleMs = firstIdleMs;
      windowMs = firstWindowMs;
    }

    void go(long nowMs) {
      boolean isIdle = step != Step.IDLE;
      step = isIdle ? Step.IDLE : Step.WINDOW;
      untilMs = nowMs + (isIdle ? idleMs : windowMs);
      if (isIdle) idleMs = Math.min(2 * idleMs, lastIdleMs);
      else windowMs = Math.min(2 * windowMs, lastWindowMs);
    }
  }

  private final Handset handset;
  private final Depth light = new Depth(5 * MINUTE_MS, 15 * MINUTE_MS, MINUTE_MS, MINUTE_MS);
  private final Depth deep = new Depth(60 * MINUTE_MS, 360 * MINUTE_MS, 5 * MINUTE_MS, 10 * MINUTE_MS);
  private boolean isPlugged;
  private long clockMs = Long.MAX_VALUE;
  /** How often it was left for a window of the deep one. */
  public int windows;

  Doze(Handset handset) {
    this.handset = handset;
  }

  // -- what it withholds -------------------------------------------------------------------------------------------

  /** The deep one: it takes wake locks and most alarms as well. */
  public boolean isDeep() {
    return deep.step == Step.IDLE;
  }

  /** Whether the app reaches anything over the network, where there is one: in either only with an exemption. */
  public boolean hasNetwork() {
    return handset.isExempt || !(isDeep() || light.step == Step.IDLE);
  }

  /** From when on an alarm of the app may ring, `lastMs` after the one before. Exempt or not makes no difference. */
  long ringsMs(long lastMs) {
    long deepMs = isDeep() ? Math.min(lastMs + DEEP_ALARM_MS, deep.untilMs) : 0;
    return Math.max(lastMs + ALARM_MS, deepMs);
  }

  // -- what happens to it ------------------------------------------------------------------------------------------

  /** A telephone that was just switched on, the screen off. */
  void begin() {
    light.leave();
    deep.leave();
    look();
  }

  /** The screen, a charger, a hand: whatever ends it at once, or lets it begin. */
  void look() {
    if (handset.isScreenOn || isPlugged) {
      change(() -> {
        light.leave();
        deep.leave();
      });
    } else if (deep.step == Step.AWAKE) {
      light.await(handset.elapsedMs() + 4 * MINUTE_MS);
      deep.await(handset.elapsedMs() + STILL_MS);
    }
  }

  public void plug(boolean isPlugged) {
    this.isPlugged = isPlugged;
    look();
  }

  /** It is moved, the screen off: the deep one ends, the light one goes on. */
  void move() {
    if (deep.step == Step.AWAKE) return;
    change(this::rise);
  }

  private void rise() {
    boolean wasDeep = deep.step != Step.WAITING;
    deep.await(handset.elapsedMs() + STILL_AGAIN_MS);
    // While there was the deep one, the light one stood still.
    if (wasDeep) light.await(handset.elapsedMs() + 4 * MINUTE_MS);
  }

  /** Somebody's alarm clock is set (AlarmManager.setAlarmClock), in so many ms. */
  public void alarmClock(long inMs) {
    clockMs = handset.elapsedMs() + inMs;
  }

  /** Straight into the deep one, as `dumpsys deviceidle force-idle` does. */
  public void force() {
    change(() -> {
      deep.await(0);
      deepen();
    });
  }

  private void deepen() {
    deep.go(handset.elapsedMs());
    light.leave();
  }

  /** When something of it is due next. */
  long nextMs() {
    return Math.min(Math.min(light.untilMs, deep.untilMs), clockMs);
  }

  /** Does what is due. */
  void pass() {
    long nowMs = handset.elapsedMs();
    if (nowMs < nextMs()) return;
    if (nowMs >= clockMs) ringClock();
    if (nowMs >= light.untilMs) light.go(nowMs);
    if (nowMs < deep.untilMs) return;
    boolean isHeldOff = deep.step != Step.IDLE && clockMs - nowMs < CLOCK_NEAR_MS;
    if (isHeldOff) {
      deep.untilMs = clockMs + 1;
      return;
    }
    if (isDeep()) windows++;
    change(this::deepen);
  }

  /** It leaves for an alarm clock before that rings, the screen still off. */
  private void ringClock() {
    clockMs = Long.MAX_VALUE;
    if (deep.step != Step.AWAKE) change(this::rise);
  }

  private void change(Runnable what) {
    boolean wasDeep = isDeep();
    what.run();
    if (wasDeep != isDeep()) handset.tell(new Intent(PowerManager.ACTION_DEVICE_IDLE_MODE_CHANGED));
  }
}
