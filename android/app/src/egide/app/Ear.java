package egide.app;

import android.content.Context;
import android.media.AudioFormat;
import android.media.AudioRecord;
import android.media.MediaCodec;
import android.media.MediaFormat;
import android.media.MediaRecorder;
import egide.core.ports.Sound;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The microphone, as packets of Opus. In the background Android gives silence to a service that has not said what it does (Keep). */
final class Ear implements Sound {
  private static final String OPUS = "audio/opus";
  private static final int RATE = 48_000;
  private static final int BITS = 24_000;
  // Two seconds of samples of two bytes, so that a busy thread loses nothing.
  private static final int ROOM_BYTES = 4 * RATE;

  private final Context safe;
  private AudioRecord microphone;
  private MediaCodec coder;
  private long samples;

  Ear(Context safe) {
    this.safe = safe;
  }

  @Override
  public boolean start() {
    if (!new Grants(safe).listens()) return false;
    try {
      microphone =
          new AudioRecord(MediaRecorder.AudioSource.MIC, RATE, AudioFormat.CHANNEL_IN_MONO, AudioFormat.ENCODING_PCM_16BIT, ROOM_BYTES);
      coder = MediaCodec.createEncoderByType(OPUS);
      MediaFormat format = MediaFormat.createAudioFormat(OPUS, RATE, 1);
      format.setInteger(MediaFormat.KEY_BIT_RATE, BITS);
      coder.configure(format, null, null, MediaCodec.CONFIGURE_FLAG_ENCODE);
      coder.start();
      microphone.startRecording();
    } catch (IOException | RuntimeException refused) {
      // A phone call holds it, or there is no such coder: the alarm goes on without sound.
      stop();
      return false;
    }
    return true;
  }

  @Override
  public void stop() {
    if (microphone != null) microphone.release();
    if (coder != null) coder.release();
    microphone = null;
    coder = null;
  }

  @Override
  public List<byte[]> take() {
    List<byte[]> packets = new ArrayList<>();
    try {
      if (coder != null) hear(packets);
    } catch (IllegalStateException taken) {
      // Another app has it now.
      stop();
    }
    return packets;
  }

  private void hear(List<byte[]> packets) {
    int size = 1;
    for (int at = coder.dequeueInputBuffer(0); at >= 0; at = size > 0 ? coder.dequeueInputBuffer(0) : -1) {
      ByteBuffer room = coder.getInputBuffer(at);
      size = Math.max(0, microphone.read(room, room.remaining(), AudioRecord.READ_NON_BLOCKING));
      coder.queueInputBuffer(at, 0, size, samples * 1_000_000 / RATE, 0);
      samples += size / 2;
    }
    MediaCodec.BufferInfo made = new MediaCodec.BufferInfo();
    for (int at = coder.dequeueOutputBuffer(made, 0); at != MediaCodec.INFO_TRY_AGAIN_LATER; at = coder.dequeueOutputBuffer(made, 0)) {
      // Below zero it says something of the format, which is what was asked for.
      if (at < 0) continue;
      byte[] packet = new byte[made.size];
      coder.getOutputBuffer(at).get(packet);
      coder.releaseOutputBuffer(at, false);
      if ((made.flags & MediaCodec.BUFFER_FLAG_CODEC_CONFIG) == 0) packets.add(packet);
    }
  }
}
