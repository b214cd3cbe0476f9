package egide.core.protocol;

import java.util.ArrayList;
import java.util.List;

/**
 * One recording of sound as WebM (RFC 9559, and webmproject.org/docs/container), in pieces of a second that make one file when they
 * stand one behind the other: Opus (RFC 6716) in packets of 20 ms, one channel. A piece that is missing is a gap, no more.
 */
public final class Webm {
  private static final int PACKET_MS = 20, IN_A_PIECE = 50;
  private static final int RATE_HZ = 48_000, PRE_SKIP = 312;
  private static final long SEEK_PRE_ROLL_NS = 80_000_000, SCALE_NS = 1_000_000;
  private static final int EBML = 0x1a45dfa3, SEGMENT = 0x18538067, INFO = 0x1549a966, TRACKS = 0x1654ae6b;
  private static final int CLUSTER = 0x1f43b675, TIMESTAMP = 0xe7, SIMPLE_BLOCK = 0xa3;
  /** A segment that goes on as long as it goes on. */
  private static final byte[] UNKNOWN_SIZE = {1, -1, -1, -1, -1, -1, -1, -1};
  private static final int TRACK = 0x81, KEY_FRAME = 0x80;

  private final List<byte[]> waiting = new ArrayList<>();
  private long pieces;

  /** The next piece, once there is a second of it; null before. */
  public byte[] add(byte[] packet) {
    waiting.add(packet);
    if (waiting.size() < IN_A_PIECE) {
      return null;
    }
    byte[] cluster = cluster();
    waiting.clear();
    return pieces++ == 0 ? Bytes.joined(head(), cluster) : cluster;
  }

  private byte[] cluster() {
    List<byte[]> parts = new ArrayList<>();
    parts.add(number(TIMESTAMP, pieces * IN_A_PIECE * PACKET_MS));
    for (int at = 0; at < waiting.size(); at++) {
      byte[] when = Bytes.bigEndian((long) at * PACKET_MS, 2);
      parts.add(element(SIMPLE_BLOCK, new byte[] {(byte) TRACK}, when, new byte[] {(byte) KEY_FRAME}, waiting.get(at)));
    }
    return element(CLUSTER, parts.toArray(new byte[0][]));
  }

  private static byte[] head() {
    byte[] ebml = element(
        EBML,
        number(0x4286, 1),
        number(0x42f7, 1),
        number(0x42f2, 4),
        number(0x42f3, 8),
        element(0x4282, Bytes.utf8("webm")),
        number(0x4287, 4),
        number(0x4285, 2));
    // No name of an app: whoever finds a file learns nothing from it.
    byte[] info = element(INFO, number(0x2ad7b1, SCALE_NS), element(0x4d80, Bytes.utf8("-")), element(0x5741, Bytes.utf8("-")));
    return Bytes.joined(ebml, id(SEGMENT), UNKNOWN_SIZE, info, element(TRACKS, track()));
  }

  private static byte[] track() {
    byte[] audio = element(0xe1, element(0xb5, Bytes.bigEndian(Double.doubleToLongBits(RATE_HZ), 8)), number(0x9f, 1));
    return element(
        0xae,
        number(0xd7, 1),
        number(0x73c5, 1),
        number(0x83, 2),
        element(0x86, Bytes.utf8("A_OPUS")),
        number(0x56aa, PRE_SKIP * 1_000_000_000L / RATE_HZ),
        number(0x56bb, SEEK_PRE_ROLL_NS),
        audio,
        element(0x63a2, opusHead()));
  }

  /** RFC 7845, section 5.1. */
  private static byte[] opusHead() {
    return Bytes.joined(
        Bytes.utf8("OpusHead"),
        new byte[] {1, 1},
        Bytes.littleEndian(PRE_SKIP, 2),
        Bytes.littleEndian(RATE_HZ, 4),
        Bytes.littleEndian(0, 2),
        new byte[] {0});
  }

  private static byte[] number(int id, long value) {
    int bytes = Math.max(1, (64 - Long.numberOfLeadingZeros(value) + 7) / 8);
    return element(id, Bytes.bigEndian(value, bytes));
  }

  /** An id, the size of what follows in eight bytes or one, and that. */
  private static byte[] element(int id, byte[]... parts) {
    byte[] content = Bytes.joined(parts);
    byte[] size = content.length < 127
        ? new byte[] {(byte) (0x80 | content.length)}
        : Bytes.joined(new byte[] {1}, Bytes.bigEndian(content.length, 7));
    return Bytes.joined(id(id), size, content);
  }

  private static byte[] id(int id) {
    int bytes = (32 - Integer.numberOfLeadingZeros(id) + 7) / 8;
    return Bytes.bigEndian(id & 0xffffffffL, bytes);
  }
}
