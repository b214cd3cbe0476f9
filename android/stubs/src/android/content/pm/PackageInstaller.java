package android.content.pm;

import android.content.Intent;
import android.content.IntentSender;
import egide.fake.Beyond;
import egide.fake.Handset;
import egide.fake.Written;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.Map;

/** Takes an app in pieces, asks the person, and then ends the one whose place it takes. */
public class PackageInstaller {
  public static final String EXTRA_SESSION_ID = "android.content.pm.extra.SESSION_ID";
  public static final String EXTRA_STATUS = "android.content.pm.extra.STATUS";
  public static final int STATUS_FAILURE = 1;
  public static final int STATUS_PENDING_USER_ACTION = -1;
  public static final int STATUS_SUCCESS = 0;

  /** What was written so far, by the number of its session; one that was committed waits for the person. */
  @Beyond public final Map<Integer, Written> sessions = new HashMap<>();
  /** There is no room, or nothing may be installed on this phone. */
  @Beyond public boolean refuses;
  private int numbers;

  @Beyond
  public PackageInstaller() {}

  public static class SessionParams {
    public static final int MODE_FULL_INSTALL = 1;

    public SessionParams(int mode) {}

    public void setAppPackageName(String name) {
      if (!Handset.now().manifest.name().equals(name)) throw new AssertionError("another app: " + name);
    }
  }

  public int createSession(SessionParams params) throws IOException {
    if (refuses) throw new IOException("no room");
    sessions.put(++numbers, new Written());
    return numbers;
  }

  public Session openSession(int session) throws IOException {
    return new Session(owned(session));
  }

  public void abandonSession(int session) {
    owned(session);
    sessions.remove(session);
  }

  private Written owned(int session) {
    Written written = sessions.get(session);
    if (written == null) throw new SecurityException("caller has no access to session " + session);
    return written;
  }

  public static class Session implements Closeable {
    private final Written written;

    Session(Written written) {
      this.written = written;
    }

    public OutputStream openWrite(String name, long offset, long bytes) throws IOException {
      written.isOpen = true;
      return written;
    }

    public void fsync(OutputStream out) throws IOException {
      written.isSafe = true;
    }

    public void commit(IntentSender told) {
      if (written.isOpen || !written.isSafe) throw new SecurityException("files still open");
      written.told = told.of;
      boolean mayAsk = Handset.now().manifest.asks("android.permission.REQUEST_INSTALL_PACKAGES");
      Handset.now().installer.say(written, mayAsk ? STATUS_PENDING_USER_ACTION : Written.ABORTED);
    }

    @Override
    public void close() {}
  }

  private void say(Written written, int status) {
    int number = sessions.entrySet().stream().filter(each -> each.getValue() == written).findAny().orElseThrow().getKey();
    Map<String, Object> told = new HashMap<>(Map.of(EXTRA_SESSION_ID, number, EXTRA_STATUS, status));
    if (status == STATUS_PENDING_USER_ACTION) told.put(Intent.EXTRA_INTENT, new Intent(Written.QUESTION));
    else sessions.remove(number);
    written.told.sendWith(told);
  }

  /** The person answers the platform's question. */
  @Beyond
  public void answer(boolean isConfirmed) {
    Written written = sessions.values().iterator().next();
    if (!isConfirmed) {
      say(written, Written.ABORTED);
      return;
    }
    sessions.clear();
    Handset.now().replace();
  }
}
