package android.telephony;

import android.app.PendingIntent;
import egide.fake.Handset;

public final class SmsManager {
  SmsManager() {}

  public void sendDataMessage(String to, String through, short port, byte[] data, PendingIntent sent, PendingIntent delivered) {
    if (!Handset.now().has("SEND_SMS")) throw new SecurityException("SEND_SMS");
    Handset.now().texts.add(new Handset.Texted(to, port & 0xffff, data));
    sent.send(Handset.now().takesTexts ? -1 : 1);
  }
}
