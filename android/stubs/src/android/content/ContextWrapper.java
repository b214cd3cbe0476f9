package android.content;

import android.content.pm.PackageManager;
import android.content.res.AssetManager;
import android.os.Handler;
import egide.fake.Beyond;
import java.io.File;

public class ContextWrapper extends Context {
  private final Context base;

  public ContextWrapper(Context base) {
    this.base = base;
  }

  @Override
  public Context getApplicationContext() {
    return base.getApplicationContext();
  }

  @Override
  public Context createDeviceProtectedStorageContext() {
    return base.createDeviceProtectedStorageContext();
  }

  @Override
  public File getFilesDir() {
    return base.getFilesDir();
  }

  @Override
  public SharedPreferences getSharedPreferences(String name, int mode) {
    return base.getSharedPreferences(name, mode);
  }

  @Override
  public Object getSystemService(String name) {
    return base.getSystemService(name);
  }

  @Override
  public String getSystemServiceName(Class<?> kind) {
    return base.getSystemServiceName(kind);
  }

  @Beyond
  @Override
  protected <T> T serviceOf(Class<T> kind) {
    return base.serviceOf(kind);
  }

  @Override
  public int checkSelfPermission(String permission) {
    return base.checkSelfPermission(permission);
  }

  @Override
  public PackageManager getPackageManager() {
    return base.getPackageManager();
  }

  @Override
  public AssetManager getAssets() {
    return base.getAssets();
  }

  @Override
  public String getPackageName() {
    return base.getPackageName();
  }

  @Override
  public String getPackageCodePath() {
    return base.getPackageCodePath();
  }

  @Override
  public void startActivity(Intent intent) {
    base.startActivity(intent);
  }

  @Override
  public ComponentName startForegroundService(Intent intent) {
    return base.startForegroundService(intent);
  }

  @Override
  public boolean stopService(Intent intent) {
    return base.stopService(intent);
  }

  @Override
  public Intent registerReceiver(BroadcastReceiver receiver, IntentFilter filter, int flags) {
    return base.registerReceiver(receiver, filter, flags);
  }

  @Override
  public Intent registerReceiver(BroadcastReceiver receiver, IntentFilter filter, String permission, Handler handler, int flags) {
    return base.registerReceiver(receiver, filter, permission, handler, flags);
  }

  @Override
  public void unregisterReceiver(BroadcastReceiver receiver) {
    base.unregisterReceiver(receiver);
  }
}
