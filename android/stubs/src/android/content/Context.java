package android.content;

import android.content.pm.PackageManager;
import android.content.res.AssetManager;
import android.os.Handler;
import egide.fake.Beyond;
import java.io.File;

public abstract class Context {
  public static final int MODE_PRIVATE = 0;
  public static final int RECEIVER_NOT_EXPORTED = 4;

  public Context() {}

  public abstract Context getApplicationContext();

  public abstract Context createDeviceProtectedStorageContext();

  public abstract File getFilesDir();

  public abstract SharedPreferences getSharedPreferences(String name, int mode);

  public abstract Object getSystemService(String name);

  public abstract String getSystemServiceName(Class<?> kind);

  public final <T> T getSystemService(Class<T> kind) {
    return serviceOf(kind);
  }

  @Beyond
  protected abstract <T> T serviceOf(Class<T> kind);

  /** What the resource says; the build gives each its number and words. */
  public final CharSequence getText(int resource) {
    return "text " + resource;
  }

  public abstract int checkSelfPermission(String permission);

  public abstract PackageManager getPackageManager();

  public abstract AssetManager getAssets();

  public abstract String getPackageName();

  public abstract String getPackageCodePath();

  public abstract void startActivity(Intent intent);

  public abstract ComponentName startForegroundService(Intent intent);

  public abstract boolean stopService(Intent intent);

  public abstract Intent registerReceiver(BroadcastReceiver receiver, IntentFilter filter, int flags);

  public abstract Intent registerReceiver(BroadcastReceiver receiver, IntentFilter filter, String permission, Handler handler, int flags);

  public abstract void unregisterReceiver(BroadcastReceiver receiver);
}
