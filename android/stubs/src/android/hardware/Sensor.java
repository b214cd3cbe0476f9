package android.hardware;

public final class Sensor {
  public static final int TYPE_SIGNIFICANT_MOTION = 17;

  Sensor() {}
}
