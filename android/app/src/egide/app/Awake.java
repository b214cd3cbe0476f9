package egide.app;

import android.app.AlarmManager;
import android.app.PendingIntent;
import android.content.Context;
import android.content.Intent;
import android.os.Handler;
import android.os.PowerManager;
import android.os.SystemClock;
import egide.core.ports.Keeper;
import egide.core.time.Loop;
import egide.core.time.Timers;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The core's thread and its times over the processor's sleep. What is due soon keeps the processor awake, as in an alarm or while
 * something is unsent; for what is due later it sleeps, and an alarm of the platform wakes it.
 */
final class Awake implements Loop, Keeper {
  // Waking costs about as much as staying awake this long, and in Doze the platform's alarms come nine minutes apart.
  private static final long SOON_MS = 60_000;
  // From the radio's word to what the core makes of it, and longer than a step of the radio may take: a processor that sleeps
  // in between would keep a press waiting.
  private static final long BRIEFLY_MS = 15_000;
  private static final String TAG = "app:rest";

  private final Context safe;
  private final Handler handler;
  private final AlarmManager alarms;
  private final PowerManager.WakeLock timed;
  private final PowerManager.WakeLock brief;
  private final PowerManager.WakeLock working;
  // The core asks for few things at a time, and gives each up after seconds; but a server that never ends its answer keeps a
  // thread until another one has cut it off, which must not wait for the same threads.
  private final ExecutorService workers = Executors.newCachedThreadPool();
  // In milliseconds.
  private final Timers timers = new Timers();
  private final Runnable look = this::look;

  Awake(Context safe, Handler handler) {
    this.safe = safe;
    this.handler = handler;
    alarms = safe.getSystemService(AlarmManager.class);
    PowerManager power = safe.getSystemService(PowerManager.class);
    timed = lock(power);
    brief = lock(power);
    working = power.newWakeLock(PowerManager.PARTIAL_WAKE_LOCK, TAG);
  }

  private static PowerManager.WakeLock lock(PowerManager power) {
    PowerManager.WakeLock lock = power.newWakeLock(PowerManager.PARTIAL_WAKE_LOCK, TAG);
    lock.setReferenceCounted(false);
    return lock;
  }

  /** Stays awake for a moment: something is handed to the core, or the radio is in the middle of a step. */
  void briefly() {
    brief.acquire(BRIEFLY_MS);
  }

  @Override
  public long nowUs() {
    return System.currentTimeMillis() * 1000;
  }

  @Override
  public long steadyUs() {
    return SystemClock.elapsedRealtime() * 1000;
  }

  @Override
  public Timer after(long us, Runnable then) {
    Timer timer = timers.add(SystemClock.elapsedRealtime() + us / 1000, then);
    arm();
    return () -> {
      timer.cancel();
      arm();
    };
  }

  @Override
  public void soon(Runnable then) {
    handler.post(then);
  }

  @Override
  public <T> void elsewhere(Supplier<T> work, Consumer<T> then) {
    working.acquire();
    workers.execute(() -> {
      T made = work.get();
      handler.post(() -> {
        working.release();
        then.accept(made);
      });
    });
  }

  /** Does what is due. Called too when the platform's alarm woke the processor, in whatever thread. */
  void look() {
    handler.post(this::doDue);
  }

  private void doDue() {
    timers.doDue(SystemClock::elapsedRealtime);
    arm();
  }

  private void arm() {
    handler.removeCallbacks(look);
    long nextMs = timers.next();
    if (nextMs < 0) {
      alarms.cancel(waking());
      timed.release();
      return;
    }
    long inMs = Math.max(0, nextMs - SystemClock.elapsedRealtime());
    // A handler counts only while the processor is awake: it alone would be hours late.
    handler.postDelayed(look, inMs);
    // Not an exact alarm: that would need a permission which Android 14 refuses by default.
    alarms.setAndAllowWhileIdle(AlarmManager.ELAPSED_REALTIME_WAKEUP, nextMs, waking());
    if (inMs <= SOON_MS) timed.acquire(inMs + BRIEFLY_MS);
    else timed.release();
  }

  private PendingIntent waking() {
    return PendingIntent.getForegroundService(
        safe, 0, new Intent(safe, Keep.class), PendingIntent.FLAG_IMMUTABLE | PendingIntent.FLAG_UPDATE_CURRENT);
  }

  @Override
  public void stay(boolean isNeeded) {
    Intent keep = new Intent(safe, Keep.class);
    if (!isNeeded) {
      safe.stopService(keep);
      return;
    }
    try {
      safe.startForegroundService(keep);
    } catch (IllegalStateException refused) {
      // From the background without an exemption (ForegroundServiceStartNotAllowedException). The process may be ended at any
      // moment now; the next start of the phone, sight of the button or look at the page tries again.
      briefly();
    }
  }
}
