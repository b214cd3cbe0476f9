package android.content;

public abstract class BroadcastReceiver {
  private Intent now;

  public BroadcastReceiver() {}

  public abstract void onReceive(Context context, Intent intent);

  public final int getResultCode() {
    return now == null ? 0 : now.getIntExtra("code", 0);
  }

  @egide.fake.Beyond
  public final void receive(Context context, Intent intent) {
    now = intent;
    onReceive(context, intent);
  }
}
