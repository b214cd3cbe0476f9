package egide.core.newer;

import egide.core.protocol.Bytes;

/**
 * Bytes that are read from the front: numbers with the lowest byte first, and parts behind their length. Throws
 * IndexOutOfBoundsException where they end too early.
 */
final class Pieces {
  private final byte[] data;
  private final int end;
  private int at;

  Pieces(byte[] data) {
    this(data, 0, data.length);
  }

  private Pieces(byte[] data, int from, int end) {
    this.data = data;
    this.at = from;
    this.end = end;
  }

  boolean isEmpty() {
    return at == end;
  }

  /** Of four bytes. */
  int number() {
    Pieces four = next(4);
    return (int) Bytes.fromLittleEndian(data, four.at, 4);
  }

  /** Of eight bytes. */
  long longNumber() {
    return Integer.toUnsignedLong(number()) | (long) number() << 32;
  }

  /** The next `size` bytes. */
  Pieces next(long size) {
    if (size < 0 || size > end - at) {
      throw new IndexOutOfBoundsException(size + " bytes of " + (end - at));
    }
    at += (int) size;
    return new Pieces(data, at - (int) size, at);
  }

  /** What stands behind its length. */
  Pieces part() {
    return next(Integer.toUnsignedLong(number()));
  }

  /** All that is left. */
  byte[] bytes() {
    return Bytes.slice(data, at, end);
  }
}
