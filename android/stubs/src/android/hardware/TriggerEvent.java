package android.hardware;

public final class TriggerEvent {
  @egide.fake.Beyond
  public TriggerEvent() {}
}
