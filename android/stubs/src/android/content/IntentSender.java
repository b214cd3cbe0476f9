package android.content;

import android.app.PendingIntent;
import egide.fake.Beyond;
import java.util.function.Consumer;

public class IntentSender {
  @Beyond public final Consumer<Consumer<Intent>> choose;
  @Beyond public final PendingIntent of;

  @Beyond
  public IntentSender(Consumer<Consumer<Intent>> choose) {
    this.choose = choose;
    of = null;
  }

  @Beyond
  public IntentSender(PendingIntent of) {
    choose = null;
    this.of = of;
  }

  public static class SendIntentException extends Exception {
    public SendIntentException() {}
  }
}
