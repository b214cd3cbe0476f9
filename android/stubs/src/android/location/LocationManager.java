package android.location;

import android.os.Looper;
import egide.fake.Handset;
import java.util.HashSet;
import java.util.List;

public class LocationManager {
  public static final String FUSED_PROVIDER = "fused";
  public static final String GPS_PROVIDER = "gps";
  public static final String NETWORK_PROVIDER = "network";
  public static final String PASSIVE_PROVIDER = "passive";

  LocationManager() {}

  private static void check() {
    if (!Handset.now().has("ACCESS_FINE_LOCATION")) throw new SecurityException("ACCESS_FINE_LOCATION");
  }

  public List<String> getAllProviders() {
    return List.of(FUSED_PROVIDER, GPS_PROVIDER, NETWORK_PROVIDER, PASSIVE_PROVIDER);
  }

  public Location getLastKnownLocation(String provider) {
    check();
    Location last = null;
    for (Location fix : Handset.now().fixes) if (fix.getProvider().equals(provider)) last = fix;
    return last;
  }

  public void requestLocationUpdates(String provider, long everyMs, float everyM, LocationListener listener, Looper looper) {
    check();
    Handset.now().locating.computeIfAbsent(listener, key -> new HashSet<>()).add(provider);
  }

  public void removeUpdates(LocationListener listener) {
    Handset.now().locating.remove(listener);
  }
}
