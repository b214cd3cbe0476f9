package android.net;

import android.os.Handler;
import egide.fake.Handset;

public class ConnectivityManager {
  ConnectivityManager() {}

  public static class NetworkCallback {
    public NetworkCallback() {}

    public void onAvailable(Network network) {}
  }

  public void registerDefaultNetworkCallback(NetworkCallback callback, Handler handler) {
    Handset.now().networks.add(callback);
  }
}
