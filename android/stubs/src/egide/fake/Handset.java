package egide.fake;

import android.app.PendingIntent;
import android.app.Service;
import android.content.BroadcastReceiver;
import android.content.Context;
import android.content.Intent;
import android.content.pm.PackageInstaller;
import java.io.File;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/**
 * One invented telephone: its clocks, its sleep, what is granted, what runs. The classes in `android.*` beside it ask it. It
 * decides as Android's documentation says; what makers do differently it does not know.
 */
public final class Handset {
  /** How long the processor stays awake by itself for something that the radio or an alarm brings. */
  private static final long MOMENT_MS = 100;
  private static final long STEP_MS = 50;
  private static final long STICKY_MS = 1_000;

  private static Handset now;

  public record Posted(long atUptimeMs, long number, Runnable what, Object token) {}

  public record Alarm(long atMs, PendingIntent intent) {}

  public record Listening(BroadcastReceiver receiver, android.content.IntentFilter filter) {}

  public record Texted(String number, int port, byte[] data) {}

  public int sdk;
  public final Manifest manifest;
  public final File disk;
  public final Tag tag = new Tag(this);
  public final Air air = new Air(this);
  public final Sound sound = new Sound();
  public final Walk walk = new Walk(this);
  public final Doze doze = new Doze(this);
  public final PackageInstaller installer = new PackageInstaller();
  /** What was begun from outside a window. */
  public final List<Intent> begun = new ArrayList<>();
  public final Set<String> granted = new HashSet<>();
  public final Map<String, Map<String, Object>> preferences = new HashMap<>();
  public final Map<String, Object> services = new HashMap<>();
  public final Map<String, Integer> components = new HashMap<>();
  public final List<Texted> texts = new ArrayList<>();
  public final List<String> notes = new ArrayList<>();
  public final List<Listening> receivers = new ArrayList<>();
  public final List<Alarm> alarms = new ArrayList<>();
  /** Until when each wake lock holds. */
  public final Map<Object, Long> locks = new HashMap<>();
  public final Set<String> associated = new HashSet<>();
  public final List<android.location.Location> fixes = new ArrayList<>();
  public final Map<android.location.LocationListener, Set<String>> locating = new HashMap<>();
  public final List<android.net.ConnectivityManager.NetworkCallback> networks = new ArrayList<>();
  public int batteryPct = 80;
  public boolean isUnlocked;
  public boolean isExempt;
  public boolean isPageSeen;
  public boolean hasKeyMint2;
  public boolean keystoreFails;
  public boolean takesTexts = true;
  public int types;
  /** Kinds of service that a maker's platform refuses, whatever the manifest and the permissions say. */
  public int refused;
  public int wakings;

  private final List<Posted> posted = new CopyOnWriteArrayList<>(); // Threads beside the core's add to it.
  private long elapsedMs = 1_000;
  private long uptimeMs = 1_000;
  private long awakeUntilMs;
  private long lastIdleMs = Long.MIN_VALUE / 2;
  private long numbers;
  private long stickyAtMs = -1;
  boolean isScreenOn;
  private boolean mayStart;
  private ClassLoader process;
  private Context application;
  private Service running;
  private boolean stays;
  private final Function<Handset, ClassLoader> processes;

  /** `processes` gives each process of the app classes of its own, so that nothing of an ended one is left. */
  public Handset(int sdk, Manifest manifest, File disk, Function<Handset, ClassLoader> processes) {
    this.sdk = sdk;
    this.manifest = manifest;
    this.disk = disk;
    this.processes = processes;
    now = this;
    Keystore.begin();
  }

  public static Handset now() {
    return now;
  }

  // -- time and sleep --------------------------------------------------------------------------------------------

  public long elapsedMs() {
    return elapsedMs;
  }

  /** How long the processor was awake. */
  public long uptimeMs() {
    return uptimeMs;
  }

  public void screen(boolean isOn) {
    isScreenOn = isOn;
    doze.look();
    settle();
  }

  public boolean isAwake() {
    boolean isHeld = locks.values().stream().anyMatch(until -> elapsedMs < until);
    return isScreenOn || elapsedMs < awakeUntilMs || (isHeld && !(doze.isDeep() && !isExempt));
  }

  /** Something from outside wakes the processor for a moment. */
  public void stir() {
    awakeUntilMs = Math.max(awakeUntilMs, elapsedMs + MOMENT_MS);
  }

  public void post(Runnable what, long delayMs, Object token) {
    posted.add(new Posted(uptimeMs + delayMs, numbers++, what, token));
  }

  public void unpost(Object token) {
    posted.removeIf(each -> each.token() == token);
  }

  /** All that is due now, in its order. */
  public void settle() {
    while (isAwake()) {
      Posted next = null;
      for (Posted each : posted) {
        boolean isFirst = next == null || each.atUptimeMs() < next.atUptimeMs() || (each.atUptimeMs() == next.atUptimeMs() && each.number() < next.number());
        if (each.atUptimeMs() <= uptimeMs && isFirst) next = each;
      }
      if (next == null) return;
      posted.remove(next);
      next.what().run();
    }
  }

  /** Time passes, by 50 ms; what nobody is awake for does not happen. */
  public void pass(long ms) {
    for (long end = elapsedMs + ms; elapsedMs < end; ) {
      elapsedMs += isAwake() ? STEP_MS : asleep(end);
      if (isAwake()) uptimeMs += STEP_MS;
      doze.pass();
      ring();
      if (stickyAtMs >= 0 && elapsedMs >= stickyAtMs) bringBack();
      settle();
    }
  }

  /** In whole steps, to the first moment at which something may wake it, or to `endMs`. */
  private long asleep(long endMs) {
    long nextMs = Math.min(endMs, doze.nextMs());
    if (stickyAtMs >= 0) nextMs = Math.min(nextMs, stickyAtMs);
    for (Alarm alarm : alarms) nextMs = Math.min(nextMs, Math.max(alarm.atMs(), doze.ringsMs(lastIdleMs)));
    return Math.max(1, (nextMs - elapsedMs + STEP_MS - 1) / STEP_MS) * STEP_MS;
  }

  private void ring() {
    for (Alarm alarm : List.copyOf(alarms)) {
      if (elapsedMs < Math.max(alarm.atMs(), doze.ringsMs(lastIdleMs))) continue;
      alarms.remove(alarm);
      lastIdleMs = elapsedMs;
      if (!isAwake()) wakings++;
      stir();
      alarm.intent().send(0);
    }
  }

  // -- the process -----------------------------------------------------------------------------------------------

  public boolean hasProcess() {
    return process != null;
  }

  private ClassLoader process() {
    if (process == null) {
      process = processes.apply(this);
      application = new Whole(false);
    }
    return process;
  }

  public Context application() {
    process();
    return application;
  }

  public Service service() {
    return running;
  }

  private Object made(String name) {
    try {
      return process().loadClass(name).getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException error) {
      throw new AssertionError(name, error);
    }
  }

  /** The platform ends the process, as for want of memory: nothing of it is left but what is on the disk. */
  public void kill() {
    boolean comesBack = running != null && stays;
    forget();
    if (comesBack) stickyAtMs = elapsedMs + STICKY_MS;
  }

  /** She, or a maker's own saver, stops the app for good: nothing starts it but a hand on its icon. */
  public void forceStop() {
    forget();
    alarms.clear();
    stickyAtMs = -1;
  }

  private void forget() {
    process = null;
    application = null;
    running = null;
    types = 0;
    isPageSeen = false;
    posted.clear();
    receivers.clear();
    locks.clear();
    locating.clear();
    networks.clear();
    walk.drop();
    services.clear();
    tag.drop();
    air.drop();
    sound.recording = 0;
  }

  private void bringBack() {
    stickyAtMs = -1;
    stir();
    running = (Service) made(manifest.service());
    running.onCreate();
    stays = running.onStartCommand(null, 0, 1) == Service.START_STICKY;
  }

  // -- what the platform decides ---------------------------------------------------------------------------------

  /** Whether a service may be started from where the app is now. */
  public boolean mayStart() {
    return isPageSeen || mayStart || isExempt || types != 0 || isCompanion();
  }

  private boolean isCompanion() {
    return !associated.isEmpty() && manifest.asks("android.permission.REQUEST_COMPANION_START_FOREGROUND_SERVICES_FROM_BACKGROUND");
  }

  public void startService(Intent intent) {
    if (!mayStart()) throw new android.app.ForegroundServiceStartNotAllowedException("from the background");
    if (!isUnlocked && !manifest.isDirect(intent.name())) return;
    boolean isNew = running == null;
    if (isNew) {
      running = (Service) made(intent.name());
      running.onCreate();
    }
    boolean sticky = running.onStartCommand(intent, 0, 1) == Service.START_STICKY;
    stays = sticky;
    if (isNew && running != null && types == 0) throw new AssertionError("a started service did not come to the foreground");
  }

  public void stopService() {
    Service ended = running;
    running = null;
    stays = false;
    types = 0;
    if (ended != null) ended.onDestroy();
  }

  /** What a service says of itself, held against manifest and permissions as Android 14 does. */
  public void standForeground(int wanted) {
    if (types == 0 && !mayStart()) throw new android.app.ForegroundServiceStartNotAllowedException("from the background");
    if ((wanted & ~manifest.types()) != 0) throw new IllegalArgumentException("a type that the manifest does not name");
    boolean location = (wanted & android.content.pm.ServiceInfo.FOREGROUND_SERVICE_TYPE_LOCATION) != 0;
    boolean microphone = (wanted & android.content.pm.ServiceInfo.FOREGROUND_SERVICE_TYPE_MICROPHONE) != 0;
    if (location && !(has("ACCESS_FINE_LOCATION") && (isPageSeen || has("ACCESS_BACKGROUND_LOCATION")))) throw new SecurityException("location");
    boolean listens = (types & android.content.pm.ServiceInfo.FOREGROUND_SERVICE_TYPE_MICROPHONE) != 0;
    if (microphone && !(has("RECORD_AUDIO") && (isPageSeen || listens))) throw new SecurityException("microphone");
    if ((wanted & refused) != 0) throw new SecurityException("refused by the maker");
    types = wanted;
  }

  public boolean has(String permission) {
    return granted.contains("android.permission." + permission);
  }

  /** Somebody removed the lock screen, or the platform lost its keys. */
  public void loseKeys() {
    Keystore.begin();
  }

  /** Whether a recording gets more than silence. */
  public boolean mayHear() {
    return isPageSeen || (types & android.content.pm.ServiceInfo.FOREGROUND_SERVICE_TYPE_MICROPHONE) != 0;
  }

  /** She takes a permission back: Android ends the process. */
  public void withdraw(String permission) {
    granted.remove("android.permission." + permission);
    kill();
  }

  // -- what happens to it ----------------------------------------------------------------------------------------

  /** Switched on: nobody has unlocked it yet. */
  public void boot() {
    forget();
    alarms.clear();
    stickyAtMs = -1;
    isUnlocked = isScreenOn = false;
    doze.begin();
    stir();
    deliver("android.intent.action.LOCKED_BOOT_COMPLETED", true);
    settle();
  }

  public void unlock() {
    isUnlocked = true;
    stir();
    tell(new Intent("android.intent.action.USER_UNLOCKED"));
    deliver("android.intent.action.BOOT_COMPLETED", true);
    settle();
  }

  public void replace() {
    kill();
    stickyAtMs = -1;
    stir();
    deliver("android.intent.action.MY_PACKAGE_REPLACED", true);
    settle();
  }

  private void deliver(String action, boolean mayStart) {
    for (String name : manifest.receivers(action, isUnlocked)) {
      this.mayStart = mayStart;
      ((BroadcastReceiver) made(name)).receive(application(), new Intent(action));
      this.mayStart = false;
    }
  }

  /** A broadcast to what the process registered. */
  public void tell(Intent intent) {
    for (Listening each : List.copyOf(receivers)) {
      if (each.filter().has(intent.getAction())) post(() -> each.receiver().receive(application(), intent), 0, each);
    }
    stir();
    settle();
  }

  /** There is a network again. */
  public void network() {
    for (android.net.ConnectivityManager.NetworkCallback each : List.copyOf(networks)) {
      post(() -> each.onAvailable(new android.net.Network()), 0, each);
    }
    stir();
    settle();
  }

  /** The associated button comes near: the platform binds what observes its presence. */
  public void appear(String address) {
    if (!associated.contains(address)) return;
    stir();
    ((android.companion.CompanionDeviceService) made(manifest.companion())).onDeviceAppeared(address);
    settle();
  }

  /** A hand on the icon. */
  public android.app.Activity open() {
    isPageSeen = true;
    isScreenOn = true;
    doze.look();
    android.app.Activity page = (android.app.Activity) made(manifest.page());
    page.create();
    settle();
    return page;
  }

  /** What a notification was made of. */
  public void note(String words) {
    notes.add(words);
  }
}
