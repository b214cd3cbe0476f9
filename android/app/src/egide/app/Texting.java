package egide.app;

import android.app.Activity;
import android.app.PendingIntent;
import android.content.BroadcastReceiver;
import android.content.Context;
import android.content.Intent;
import android.content.IntentFilter;
import android.content.pm.PackageManager;
import android.os.Handler;
import android.telephony.SmsManager;
import egide.core.ports.Texts;
import java.util.concurrent.atomic.AtomicInteger;

/** Binary text messages: no message app shows them; the bill may. */
final class Texting implements Texts {
  private static final String SENT = "sent.";
  private final Context safe;
  private final Handler handler;
  // Each message has an answer of its own: two halves of a press are on their way at once.
  private final AtomicInteger number = new AtomicInteger();

  Texting(Context safe, Handler handler) {
    this.safe = safe;
    this.handler = handler;
  }

  @Override
  public boolean maySend() {
    return new Grants(safe).texts() && safe.getPackageManager().hasSystemFeature(PackageManager.FEATURE_TELEPHONY);
  }

  @Override
  public void send(String to, int port, byte[] data, Sent sent) {
    String action = SENT + number.incrementAndGet();
    BroadcastReceiver answer =
        new BroadcastReceiver() {
          @Override
          public void onReceive(Context context, Intent intent) {
            context.unregisterReceiver(this);
            sent.onSent(getResultCode() == Activity.RESULT_OK);
          }
        };
    safe.registerReceiver(answer, new IntentFilter(action), null, handler, Context.RECEIVER_NOT_EXPORTED);
    Intent intent = new Intent(action).setPackage(safe.getPackageName());
    PendingIntent told = PendingIntent.getBroadcast(safe, 0, intent, PendingIntent.FLAG_IMMUTABLE | PendingIntent.FLAG_ONE_SHOT);
    try {
      safe.getSystemService(SmsManager.class).sendDataMessage(to, null, (short) port, data, told, null);
    } catch (RuntimeException refused) {
      // No permission any more, no SIM, an impossible number: platforms say it in many ways, and the press must go on.
      safe.unregisterReceiver(answer);
      sent.onSent(false);
    }
  }
}
