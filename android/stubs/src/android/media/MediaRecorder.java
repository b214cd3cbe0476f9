package android.media;

public class MediaRecorder {
  MediaRecorder() {}

  public final class AudioSource {
    public static final int MIC = 1;

    AudioSource() {}
  }
}
