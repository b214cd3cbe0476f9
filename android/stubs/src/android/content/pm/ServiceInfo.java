package android.content.pm;

public class ServiceInfo {
  public static final int FOREGROUND_SERVICE_TYPE_CONNECTED_DEVICE = 16;
  public static final int FOREGROUND_SERVICE_TYPE_LOCATION = 8;
  public static final int FOREGROUND_SERVICE_TYPE_MICROPHONE = 128;
}
