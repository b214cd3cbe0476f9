package egide.fake;

import android.app.PendingIntent;
import java.io.ByteArrayOutputStream;

/** An app that is handed to the platform's installer, in the pieces that were written so far. */
public final class Written extends ByteArrayOutputStream {
  /** What the installer says when the person said no, or may not be asked (PackageInstaller.STATUS_FAILURE_ABORTED). */
  public static final int ABORTED = 3;

  /** The platform's own page with its question. */
  public static final String QUESTION = "android.content.pm.action.CONFIRM_INSTALL";

  public PendingIntent told;
  public boolean isOpen;
  public boolean isSafe;

  @Override
  public void close() {
    isOpen = false;
  }
}
