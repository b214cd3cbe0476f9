package android.media;

import egide.fake.Handset;
import java.nio.ByteBuffer;

/** In the background it gives silence to an app whose service has not said that it listens (Android 11). */
public class AudioRecord {
  public static final int READ_NON_BLOCKING = 1;
  private static final int BYTES_A_MS = 96;
  private final int room;
  private long readMs = -1;

  public AudioRecord(int source, int rate, int channels, int encoding, int room) {
    if (!Handset.now().has("RECORD_AUDIO")) throw new UnsupportedOperationException("RECORD_AUDIO");
    this.room = room;
  }

  public void startRecording() {
    if (Handset.now().sound.isTaken) throw new IllegalStateException("startRecording() called on an uninitialized AudioRecord.");
    readMs = Handset.now().elapsedMs();
    Handset.now().sound.recording++;
  }

  public int read(ByteBuffer target, int size, int mode) {
    long heard = Math.min(room, (Handset.now().elapsedMs() - readMs) * BYTES_A_MS);
    int given = (int) Math.min(size, heard);
    readMs += given / BYTES_A_MS;
    byte loudness = (byte) (Handset.now().mayHear() ? 7 : 0);
    for (int at = 0; at < given; at++) target.put(at, loudness);
    return given;
  }

  public void release() {
    if (readMs >= 0) Handset.now().sound.recording--;
    readMs = -1;
  }
}
