package android.media;

public final class MediaFormat {
  public static final String KEY_BIT_RATE = "bitrate";

  MediaFormat() {}

  public static MediaFormat createAudioFormat(String type, int rate, int channels) {
    return new MediaFormat();
  }

  public void setInteger(String name, int value) {}
}
