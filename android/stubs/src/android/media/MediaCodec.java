package android.media;

import android.view.Surface;
import egide.fake.Handset;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/** An encoder for Opus: a packet for each 20 ms, first one that is about the format. What it makes tells whether there was sound. */
public final class MediaCodec {
  public static final int BUFFER_FLAG_CODEC_CONFIG = 2;
  public static final int CONFIGURE_FLAG_ENCODE = 1;
  public static final int INFO_OUTPUT_FORMAT_CHANGED = -2;
  public static final int INFO_TRY_AGAIN_LATER = -1;
  private static final int PACKET_BYTES = 1920;
  private final ByteBuffer input = ByteBuffer.allocate(2 * PACKET_BYTES);
  private final Deque<byte[]> made = new ArrayDeque<>();
  private byte[] given;
  private boolean saidFormat;
  private boolean saidConfig;
  private int left;
  private byte loudness;

  MediaCodec() {}

  public static final class BufferInfo {
    public int flags;
    public int offset;
    public long presentationTimeUs;
    public int size;

    public BufferInfo() {}
  }

  public static MediaCodec createEncoderByType(String type) throws IOException {
    if (!Handset.now().sound.hasCoder) throw new IOException("no encoder for " + type);
    return new MediaCodec();
  }

  public void configure(MediaFormat format, Surface surface, MediaCrypto crypto, int flags) {}

  public void start() {}

  public int dequeueInputBuffer(long timeoutUs) {
    return 0;
  }

  public ByteBuffer getInputBuffer(int index) {
    input.clear();
    return input;
  }

  public void queueInputBuffer(int index, int offset, int size, long timeUs, int flags) {
    if (size > 0) loudness = input.get(0);
    for (left += size; left >= PACKET_BYTES; left -= PACKET_BYTES) {
      // Opus for silence, and anything else.
      made.add(loudness == 0 ? new byte[] {-8, -1, -2} : new byte[] {-8, loudness});
    }
  }

  public int dequeueOutputBuffer(BufferInfo info, long timeoutUs) {
    if (!saidFormat) {
      saidFormat = true;
      return INFO_OUTPUT_FORMAT_CHANGED;
    }
    boolean isConfig = !saidConfig;
    saidConfig = true;
    given = isConfig ? new byte[19] : made.poll();
    if (given == null) return INFO_TRY_AGAIN_LATER;
    info.size = given.length;
    info.flags = isConfig ? BUFFER_FLAG_CODEC_CONFIG : 0;
    return 0;
  }

  public ByteBuffer getOutputBuffer(int index) {
    return ByteBuffer.wrap(given);
  }

  public void releaseOutputBuffer(int index, boolean isShown) {}

  public void release() {}
}
