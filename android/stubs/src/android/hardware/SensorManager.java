package android.hardware;

import egide.fake.Handset;

public class SensorManager {
  SensorManager() {}

  public Sensor getDefaultSensor(int type) {
    return Handset.now().walk.hasSensor && type == Sensor.TYPE_SIGNIFICANT_MOTION ? new Sensor() : null;
  }

  public boolean requestTriggerSensor(TriggerEventListener listener, Sensor sensor) {
    return Handset.now().walk.ask(listener);
  }
}
