package android.os;

public class HandlerThread extends Thread {
  public HandlerThread(String name) {
    super(name);
  }

  /** Its turns are taken by the invented telephone, one after the other. */
  @Override
  public void start() {}

  public Looper getLooper() {
    return new Looper();
  }
}
