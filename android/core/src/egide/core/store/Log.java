package egide.core.store;

import egide.core.protocol.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.zip.CRC32;

/**
 * One file to which records are appended, each on the disk when `append` returns. A record is a mark, its length, a
 * checksum of both and its bytes. The file is longer than what is in it: zeros wait for what comes, so that a full disk
 * does not stop a press, and an append changes nothing but its own bytes.
 */
final class Log implements Closeable {
  /** What may still be appended when the disk is full, by `append` of what is urgent alone: some eighty presses. */
  static final int RESERVE_BYTES = 16 * 1024;

  private static final byte[] HEADER = Bytes.utf8("log 1\n\n\n");
  private static final byte[] MARK = {(byte) 0xe6, 'r', 'e', 'c'};
  private static final int HEAD_BYTES = MARK.length + 8;
  /** The file grows by so much at once. */
  private static final int STEP_BYTES = 64 * 1024;

  private final Path path;
  private final FileChannel guard;
  private FileChannel file;
  /** Where the next record goes, and where the zeros end. */
  private long end;
  private long allocated;
  /** Whether there may be a piece of a record behind the end, which an append that failed left. */
  private boolean isSpoilt;

  /** Takes what was kept, record by record. `take` throws IllegalArgumentException for one that means nothing. */
  interface Reader {
    void take(byte[] record);
  }

  private Log(Path path, FileChannel guard) {
    this.path = path;
    this.guard = guard;
  }

  /**
   * Opens `path`, or begins it, and gives all whole records to `reader`. `found` says how it was. Throws IOException,
   * also when somebody else has it open: two phones would use a counter twice.
   */
  static Log open(Path path, Reader reader, Found found) throws IOException {
    Path lock = path.resolveSibling(path.getFileName() + ".lock");
    FileChannel guard = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (lockOf(guard) == null) {
        throw new IOException(path + " is open elsewhere");
      }
      Files.deleteIfExists(newer(path));
      Log log = new Log(path, guard);
      found.isNew = !Files.exists(path);
      if (!found.isNew) {
        log.read(reader, found);
      }
      return log;
    } catch (IOException error) {
      guard.close();
      throw error;
    }
  }

  /** How a log was found: begun now, or with records that could not be read. */
  static final class Found {
    boolean isNew;
    boolean isDamaged;
  }

  private static FileLock lockOf(FileChannel guard) throws IOException {
    try {
      return guard.tryLock();
    } catch (OverlappingFileLockException error) {
      return null;
    }
  }

  private static Path newer(Path path) {
    return path.resolveSibling(path.getFileName() + ".new");
  }

  private void read(Reader reader, Found found) throws IOException {
    byte[] all = Files.readAllBytes(path);
    file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    allocated = all.length;
    end = HEADER.length;
    found.isDamaged = !Bytes.startsWith(all, HEADER);
    int at = found.isDamaged ? 0 : HEADER.length;
    while (at < all.length) {
      int size = sizeAt(all, at);
      if (size >= 0 && isTaken(reader, Bytes.slice(all, at + HEAD_BYTES, at + HEAD_BYTES + size))) {
        at += HEAD_BYTES + size;
        end = at;
        continue;
      }
      // What is whole behind a damaged piece still counts.
      found.isDamaged |= all[at] != 0;
      at++;
    }
    // Zeros end it; anything else behind the last record would be read as part of the next ones.
    isSpoilt = found.isDamaged;
  }

  private static boolean isTaken(Reader reader, byte[] record) {
    try {
      reader.take(record);
      return true;
    } catch (IllegalArgumentException error) {
      return false;
    }
  }

  /** The size of the whole record that begins here; -1 where none does. */
  private static int sizeAt(byte[] all, int at) {
    if (all[at] != MARK[0] || all.length - at < HEAD_BYTES) {
      return -1;
    }
    long size = Bytes.fromBigEndian(all, at + MARK.length, 4);
    boolean fits = size <= all.length - at - HEAD_BYTES;
    if (!fits || !Bytes.startsWith(Bytes.slice(all, at, at + MARK.length), MARK)) {
      return -1;
    }
    long checksum = Bytes.fromBigEndian(all, at + MARK.length + 4, 4);
    return checksum == checksum(all, at + HEAD_BYTES, (int) size) ? (int) size : -1;
  }

  private static long checksum(byte[] data, int at, int size) {
    CRC32 checksum = new CRC32();
    checksum.update(Bytes.bigEndian(size, 4));
    checksum.update(data, at, size);
    return checksum.getValue();
  }

  private static byte[] framed(byte[] record) {
    byte[] size = Bytes.bigEndian(record.length, 4);
    byte[] checksum = Bytes.bigEndian(checksum(record, 0, record.length), 4);
    return Bytes.joined(MARK, size, checksum, record);
  }

  /** How long it is, without the zeros. */
  long bytes() {
    return end;
  }

  /**
   * Appends a record; it is on the disk when this returns. Throws IOException when the disk refuses it: then nothing
   * was appended. What is not urgent leaves the reserve alone.
   */
  void append(byte[] record, boolean isUrgent) throws IOException {
    put(record, isUrgent, true);
  }

  /** The same, but the disk has it only after the next `append` or `force`. */
  void appendSoon(byte[] record, boolean isUrgent) throws IOException {
    put(record, isUrgent, false);
  }

  /** All that was appended is on the disk. */
  void force() throws IOException {
    file.force(false);
  }

  private void put(byte[] record, boolean isUrgent, boolean isForced) throws IOException {
    byte[] data = framed(record);
    if (isSpoilt) {
      wipe(file, end, allocated);
      isSpoilt = false;
    }
    long needed = end + data.length + (isUrgent ? 0 : RESERVE_BYTES);
    if (needed > allocated) {
      grow(needed);
    }
    isSpoilt = true;
    write(file, data, end);
    if (isForced) {
      force();
    }
    isSpoilt = false;
    end += data.length;
  }

  /** Zeros up to `needed` at least. */
  private void grow(long needed) throws IOException {
    long wanted = (needed / STEP_BYTES + 1) * STEP_BYTES;
    try {
      wipe(file, allocated, wanted);
      file.force(true);
    } finally {
      // Whatever did fit helps what is urgent.
      allocated = Math.max(end, file.size());
    }
  }

  /**
   * Puts these records in the place of all that was kept: in a file of their own, which then takes the name. What was
   * kept before is written over. Throws IOException when the disk refuses it: then all is as before.
   */
  void rewrite(List<byte[]> records) throws IOException {
    FileChannel following = FileChannel.open(
        newer(path),
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.READ,
        StandardOpenOption.WRITE);
    long size = HEADER.length;
    long wanted;
    try {
      write(following, HEADER, 0);
      ByteArrayOutputStream waiting = new ByteArrayOutputStream();
      for (byte[] record : records) {
        byte[] data = framed(record);
        waiting.write(data, 0, data.length);
        if (waiting.size() >= STEP_BYTES) {
          write(following, waiting.toByteArray(), size);
          size += waiting.size();
          waiting = new ByteArrayOutputStream();
        }
      }
      write(following, waiting.toByteArray(), size);
      size += waiting.size();
      wanted = ((size + RESERVE_BYTES) / STEP_BYTES + 1) * STEP_BYTES;
      wipe(following, size, wanted);
      following.force(true);
      Files.move(newer(path), path, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException error) {
      following.close();
      Files.deleteIfExists(newer(path));
      throw error;
    }
    FileChannel former = file;
    long formerEnd = end;
    file = following;
    end = size;
    allocated = wanted;
    isSpoilt = false;
    try (FileChannel given = former) {
      syncFolder();
      if (given != null) {
        // Nobody must find a trail in what the disk gives free.
        wipe(given, 0, formerEnd);
      }
    }
  }

  /** Without this a power cut may give the former file back. */
  private void syncFolder() throws IOException {
    try (FileChannel folder = FileChannel.open(path.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
      folder.force(true);
    }
  }

  private static void write(FileChannel file, byte[] data, long at) throws IOException {
    ByteBuffer rest = ByteBuffer.wrap(data);
    while (rest.hasRemaining()) {
      file.write(rest, at + rest.position());
    }
  }

  private static void wipe(FileChannel file, long from, long to) throws IOException {
    byte[] zeros = new byte[STEP_BYTES];
    for (long at = from; at < to; at += zeros.length) {
      int size = (int) Math.min(zeros.length, to - at);
      write(file, size == zeros.length ? zeros : Bytes.slice(zeros, 0, size), at);
    }
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
    guard.close();
  }
}
