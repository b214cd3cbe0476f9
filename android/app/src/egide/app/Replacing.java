package egide.app;

import android.app.PendingIntent;
import android.content.BroadcastReceiver;
import android.content.Context;
import android.content.Intent;
import android.content.IntentFilter;
import android.content.pm.PackageInstaller;
import android.os.Handler;
import egide.core.ports.Updates;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.util.UUID;

/** A newer version takes the place of this one, by the platform's own installer: it asks her, and refuses what another key signed. */
final class Replacing extends BroadcastReceiver implements Updates {
  private static final int NONE = -1;
  private final Context safe;
  // No other app can guess it: Android 12 lets any app send what another one registered for.
  private final String action = UUID.randomUUID().toString();
  private volatile int session = NONE;
  private Told told;

  Replacing(Context safe, Handler handler) {
    this.safe = safe;
    safe.registerReceiver(this, new IntentFilter(action), null, handler, Context.RECEIVER_NOT_EXPORTED);
  }

  @Override
  public File own() {
    return new File(safe.getPackageCodePath());
  }

  private PackageInstaller installer() {
    return safe.getPackageManager().getPackageInstaller();
  }

  @Override
  public boolean install(File newer, Told told) {
    this.told = told;
    PackageInstaller.SessionParams params = new PackageInstaller.SessionParams(PackageInstaller.SessionParams.MODE_FULL_INSTALL);
    params.setAppPackageName(safe.getPackageName());
    try {
      session = installer().createSession(params);
      hand(newer);
      return true;
    } catch (IOException | RuntimeException refused) {
      // No room, or a phone on which nothing may be installed: platforms say it in many ways, and this app stays as it is.
      giveUp();
      return false;
    }
  }

  private void hand(File newer) throws IOException {
    try (PackageInstaller.Session open = installer().openSession(session)) {
      try (OutputStream file = open.openWrite("app", 0, newer.length())) {
        Files.copy(newer.toPath(), file);
        open.fsync(file);
      }
      // The platform adds what became of it.
      int flags = PendingIntent.FLAG_MUTABLE | PendingIntent.FLAG_UPDATE_CURRENT;
      Intent answer = new Intent(action).setPackage(safe.getPackageName());
      open.commit(PendingIntent.getBroadcast(safe, session, answer, flags).getIntentSender());
    }
  }

  @Override
  public void giveUp() {
    int given = session;
    session = NONE;
    try {
      if (given != NONE) installer().abandonSession(given);
    } catch (SecurityException over) {
      // The platform is done with it.
    }
  }

  @Override
  public void onReceive(Context context, Intent intent) {
    if (session == NONE || intent.getIntExtra(PackageInstaller.EXTRA_SESSION_ID, NONE) != session) return;
    int status = intent.getIntExtra(PackageInstaller.EXTRA_STATUS, PackageInstaller.STATUS_FAILURE);
    Intent question = intent.getParcelableExtra(Intent.EXTRA_INTENT);
    if (status == PackageInstaller.STATUS_PENDING_USER_ACTION && question != null) {
      safe.startActivity(question.addFlags(Intent.FLAG_ACTIVITY_NEW_TASK));
    } else if (status != PackageInstaller.STATUS_SUCCESS) {
      session = NONE;
      told.onFailed();
    }
  }
}
