package egide.fake;

import android.content.BroadcastReceiver;
import android.content.ComponentName;
import android.content.Context;
import android.content.Intent;
import android.content.IntentFilter;
import android.content.SharedPreferences;
import android.content.pm.PackageManager;
import android.content.res.AssetManager;
import android.os.Handler;
import java.io.File;
import java.lang.reflect.Constructor;
import java.util.HashMap;

/** The context of the application, with the storage that her code opens or, `isSafe`, the one that is open from the start. */
final class Whole extends Context {
  private final boolean isSafe;

  Whole(boolean isSafe) {
    this.isSafe = isSafe;
  }

  private static Handset handset() {
    return Handset.now();
  }

  @Override
  public Context getApplicationContext() {
    return handset().application();
  }

  @Override
  public Context createDeviceProtectedStorageContext() {
    return new Whole(true);
  }

  private void checkOpen() {
    if (!isSafe && !handset().isUnlocked) throw new IllegalStateException("storage that nobody has unlocked yet");
  }

  @Override
  public File getFilesDir() {
    checkOpen();
    File folder = new File(handset().disk, isSafe ? "safe" : "hers");
    folder.mkdirs();
    return folder;
  }

  @Override
  public SharedPreferences getSharedPreferences(String name, int mode) {
    checkOpen();
    return new Kept(handset().preferences.computeIfAbsent(isSafe + name, key -> new HashMap<>()));
  }

  @Override
  public Object getSystemService(String name) {
    throw new AssertionError("ask by class: " + name);
  }

  @Override
  public String getSystemServiceName(Class<?> kind) {
    return kind.getName();
  }

  @Override
  protected <T> T serviceOf(Class<T> kind) {
    Object made = handset().services.computeIfAbsent(kind.getName(), name -> construct(kind));
    return kind.cast(made);
  }

  private static Object construct(Class<?> kind) {
    try {
      Constructor<?> constructor = kind.getDeclaredConstructor();
      constructor.setAccessible(true);
      return constructor.newInstance();
    } catch (ReflectiveOperationException error) {
      throw new AssertionError(kind.getName(), error);
    }
  }

  @Override
  public int checkSelfPermission(String permission) {
    boolean isNormal = handset().manifest.asks(permission) && !Manifest.DANGEROUS.contains(permission);
    return isNormal || handset().granted.contains(permission) ? PackageManager.PERMISSION_GRANTED : PackageManager.PERMISSION_DENIED;
  }

  @Override
  public PackageManager getPackageManager() {
    return serviceOf(PackageManager.class);
  }

  @Override
  public AssetManager getAssets() {
    return serviceOf(AssetManager.class);
  }

  @Override
  public String getPackageName() {
    return handset().manifest.name();
  }

  @Override
  public String getPackageCodePath() {
    return new File(handset().disk, "base.apk").getPath();
  }

  /** Without a window of the app on the screen it is passed over in silence. */
  @Override
  public void startActivity(Intent intent) {
    if ((intent.getIntExtra("flags", 0) & Intent.FLAG_ACTIVITY_NEW_TASK) == 0) throw new IllegalStateException("outside a window it needs a task of its own");
    if (handset().isPageSeen) handset().begun.add(intent);
  }

  @Override
  public ComponentName startForegroundService(Intent intent) {
    handset().startService(intent);
    return new ComponentName(getPackageName(), intent.name());
  }

  @Override
  public boolean stopService(Intent intent) {
    handset().stopService();
    return true;
  }

  @Override
  public Intent registerReceiver(BroadcastReceiver receiver, IntentFilter filter, int flags) {
    return registerReceiver(receiver, filter, null, null, flags);
  }

  @Override
  public Intent registerReceiver(BroadcastReceiver receiver, IntentFilter filter, String permission, Handler handler, int flags) {
    handset().receivers.add(new Handset.Listening(receiver, filter));
    return null;
  }

  @Override
  public void unregisterReceiver(BroadcastReceiver receiver) {
    handset().receivers.removeIf(each -> each.receiver() == receiver);
  }
}
