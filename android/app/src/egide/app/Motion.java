package egide.app;

import android.content.Context;
import android.hardware.Sensor;
import android.hardware.SensorManager;
import android.hardware.TriggerEvent;
import android.hardware.TriggerEventListener;
import android.os.SystemClock;

/**
 * Whether the phone is carried: a sensor that costs nothing and wakes once when somebody walks off with it. It is asked again with
 * the next sign of life, so that a day's walk wakes the processor no more often than that.
 */
final class Motion extends TriggerEventListener {
  private final SensorManager sensors;
  private final Sensor sensor;
  private boolean isAsked;
  private long sinceMs = SystemClock.elapsedRealtime();

  Motion(Context safe) {
    sensors = safe.getSystemService(SensorManager.class);
    sensor = sensors.getDefaultSensor(Sensor.TYPE_SIGNIFICANT_MOTION);
  }

  /** -1 on a phone that has no such sensor. */
  synchronized long restingMs() {
    if (sensor == null) return -1;
    long nowMs = SystemClock.elapsedRealtime();
    if (!isAsked) {
      isAsked = sensors.requestTriggerSensor(this, sensor);
      // What was before nobody saw.
      sinceMs = nowMs;
    }
    return nowMs - sinceMs;
  }

  @Override
  public synchronized void onTrigger(TriggerEvent event) {
    isAsked = false;
    sinceMs = SystemClock.elapsedRealtime();
  }
}
