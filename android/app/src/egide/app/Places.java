package egide.app;

import android.content.Context;
import android.location.Location;
import android.location.LocationListener;
import android.location.LocationManager;
import android.os.BatteryManager;
import android.os.Handler;
import android.os.SystemClock;
import egide.core.ports.Surroundings;
import egide.core.protocol.LinkFlag;

/** Where the phone is, from its own platform: no service of a maker or of Google is asked. */
final class Places implements Surroundings, LocationListener {
  // In an alarm as often as the platform can. At rest what other apps asked for anyway, and a rough look now and then.
  private static final long ALARM_MS = 1_000;
  private static final long REST_MS = 600_000;
  // A fix from satellites gives way to one from networks only once it is this old: that one may be kilometres off.
  private static final long KEPT_MS = 30_000;

  private final Context safe;
  private final Handler handler;
  private final LocationManager manager;
  private final Grants grants;
  private final Motion motion;
  private boolean isAlarm;
  private boolean isFollowing;
  private volatile Location last;

  Places(Context safe, Handler handler) {
    this.safe = safe;
    this.handler = handler;
    manager = safe.getSystemService(LocationManager.class);
    grants = new Grants(safe);
    motion = new Motion(safe);
  }

  @Override
  public void follow(boolean isAlarm) {
    handler.post(() -> ask(isAlarm));
  }

  private void ask(boolean alarm) {
    boolean isAllowed = grants.locates();
    if (isFollowing && isAllowed && alarm == isAlarm) return;
    manager.removeUpdates(this);
    isAlarm = alarm;
    isFollowing = isAllowed;
    if (!isAllowed) {
      last = null;
      return;
    }
    from(LocationManager.FUSED_PROVIDER, alarm ? ALARM_MS : REST_MS);
    from(LocationManager.NETWORK_PROVIDER, alarm ? ALARM_MS : REST_MS);
    from(alarm ? LocationManager.GPS_PROVIDER : LocationManager.PASSIVE_PROVIDER, alarm ? ALARM_MS : REST_MS);
  }

  private void from(String provider, long everyMs) {
    if (!manager.getAllProviders().contains(provider)) return;
    try {
      Location known = manager.getLastKnownLocation(provider);
      if (known != null) onLocationChanged(known);
      manager.requestLocationUpdates(provider, everyMs, 0, this, handler.getLooper());
    } catch (SecurityException withdrawn) {
      isFollowing = false;
    }
  }

  @Override
  public void onLocationChanged(Location location) {
    Location before = last;
    boolean isRougher = before != null && location.getAccuracy() > before.getAccuracy();
    if (isRougher && ageMs(before) - ageMs(location) < KEPT_MS) return;
    last = location;
  }

  private static long ageMs(Location location) {
    return Math.max(0, SystemClock.elapsedRealtime() - location.getElapsedRealtimeNanos() / 1_000_000);
  }

  @Override
  public Fix fix() {
    Location location = last;
    if (location == null || !grants.locates()) return null;
    boolean isSatellite = LocationManager.GPS_PROVIDER.equals(location.getProvider());
    int lat = (int) Math.round(location.getLatitude() * 1e7);
    int lon = (int) Math.round(location.getLongitude() * 1e7);
    return new Fix(lat, lon, location.getAccuracy(), ageMs(location), isSatellite);
  }

  @Override
  public boolean mayLocate() {
    return grants.locatesUnseen();
  }

  @Override
  public boolean mayListen() {
    return grants.listens();
  }

  @Override
  public int withheld() {
    return (grants.hears() ? 0 : LinkFlag.RADIO_OFF) | (grants.isExempt() ? 0 : LinkFlag.SAVER_ON);
  }

  @Override
  public long restingMs() {
    return motion.restingMs();
  }

  @Override
  public int batteryPct() {
    int percent = safe.getSystemService(BatteryManager.class).getIntProperty(BatteryManager.BATTERY_PROPERTY_CAPACITY);
    return percent >= 0 && percent <= 100 ? percent : -1;
  }
}
