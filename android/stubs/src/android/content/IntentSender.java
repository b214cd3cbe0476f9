package android.content;

import egide.fake.Beyond;
import java.util.function.Consumer;

public class IntentSender {
  @Beyond public final Consumer<Consumer<Intent>> choose;

  @Beyond
  public IntentSender(Consumer<Consumer<Intent>> choose) {
    this.choose = choose;
  }

  public static class SendIntentException extends Exception {
    public SendIntentException() {}
  }
}
