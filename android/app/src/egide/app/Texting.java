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
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/** Binary text messages: no message app shows them; the bill may. */
final class Texting extends BroadcastReceiver implements Texts {
  private static final String NUMBER = "number";
  private final Context safe;
  // No other app can guess it: Android 12 lets any app send what another one registered for.
  private final String action = UUID.randomUUID().toString();
  private final Map<Integer, Sent> waiting = new HashMap<>();
  private int number;

  Texting(Context safe, Handler handler) {
    this.safe = safe;
    safe.registerReceiver(this, new IntentFilter(action), null, handler, Context.RECEIVER_NOT_EXPORTED);
  }

  @Override
  public boolean maySend() {
    return new Grants(safe).texts() && safe.getPackageManager().hasSystemFeature(PackageManager.FEATURE_TELEPHONY);
  }

  @Override
  public void onReceive(Context context, Intent intent) {
    Sent sent = waiting.remove(intent.getIntExtra(NUMBER, 0));
    if (sent != null) sent.onSent(getResultCode() == Activity.RESULT_OK);
  }

  @Override
  public void send(String to, int port, byte[] data, Sent sent) {
    waiting.put(++number, sent);
    Intent intent = new Intent(action).setPackage(safe.getPackageName()).putExtra(NUMBER, number);
    PendingIntent told = PendingIntent.getBroadcast(safe, number, intent, PendingIntent.FLAG_IMMUTABLE | PendingIntent.FLAG_ONE_SHOT);
    try {
      safe.getSystemService(SmsManager.class).sendDataMessage(to, null, (short) port, data, told, null);
    } catch (RuntimeException refused) {
      // No permission any more, no SIM, an impossible number: platforms say it in many ways, and the press must go on.
      waiting.remove(number);
      sent.onSent(false);
    }
  }
}
