package egide.core.store;

import egide.core.protocol.Cbor;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** What is kept, in the log first and then in memory; and the log itself, from which what is over goes. */
final class Records implements Closeable {
  /** Counters passed over after damage: whatever was lost may have used them. */
  private static final int PASSED_OVER = 2 * PhoneStore.RESERVED;
  /** While something always waits, what is over stays in the log until so much of it came together. */
  private static final int SPENT_BYTES = 1024 * 1024;

  final Kept kept;
  private final Log log;
  /** How long the log was when it held nothing that is over. */
  private long liveBytes;
  /** Whether the disk may not have the last records yet. */
  private boolean isPutOff;
  private boolean isClosed;

  private Records(Kept kept, Log log) {
    this.kept = kept;
    this.log = log;
    liveBytes = log.bytes();
  }

  /** Opens `path`, or starts it with a fresh key. Throws IOException; KeyLost when there can be none. */
  static Records open(Path path, KeyMaker keys) throws IOException {
    Kept kept = new Kept();
    Log.Found found = new Log.Found();
    Log log = Log.open(path, kept::take, found);
    try {
      boolean isAnew = kept.key == null;
      kept.isMended |= found.isDamaged || isAnew && !found.isNew;
      if (isAnew) {
        kept.key = keys.fresh();
        log.rewrite(kept.records());
      } else if (found.isDamaged) {
        kept.nextCounter += PASSED_OVER;
        mend(log, kept);
      }
      return new Records(kept, log);
    } catch (IOException | RuntimeException error) {
      log.close();
      throw error;
    }
  }

  /** After damage: whole again, or on a full disk at least with a counter that nobody used. */
  private static void mend(Log log, Kept kept) throws IOException {
    try {
      log.rewrite(kept.records());
    } catch (IOException error) {
      Map<Long, Object> fields = fields(Kept.NEXT_COUNTER, kept.nextCounter);
      fields.put(Kept.MENDED, true);
      log.append(Cbor.encode(fields), true);
    }
  }

  static Map<Long, Object> fields(long field, Object value) {
    Map<Long, Object> fields = new LinkedHashMap<>();
    fields.put(field, value);
    return fields;
  }

  /** On the disk first, then in memory. What is `isUrgent` may use the last of the disk. */
  void put(Map<Long, Object> fields, boolean isUrgent) throws IOException {
    byte[] record = Cbor.encode(fields);
    log.append(record, isUrgent);
    isPutOff = false;
    kept.take(record);
  }

  /** The same for what may go with the power: nobody waits for the disk, which has it with the next record that is put. */
  void putOff(Map<Long, Object> fields, boolean isUrgent) throws IOException {
    byte[] record = Cbor.encode(fields);
    log.appendSoon(record, isUrgent);
    isPutOff = true;
    kept.take(record);
  }

  /** Nothing is put off any more. */
  void settle() throws IOException {
    if (isPutOff) {
      log.force();
      isPutOff = false;
    }
  }

  /**
   * The same while it is open, and nobody finds in the file what the server has: not where she was, nor when. A disk that
   * refuses it keeps what is over a while longer.
   */
  void forgetWhatIsOver() {
    if (isClosed) {
      return;
    }
    long spent = log.bytes() - liveBytes;
    try {
      if (kept.outbox.isEmpty() && spent > 0 || spent > liveBytes + SPENT_BYTES) {
        rewrite();
      } else {
        settle();
      }
    } catch (IOException refused) {
      // It goes on being appended to, and the next receipt tries again.
      return;
    }
  }

  /** All that is kept, and nothing else, in a file of its own. */
  void rewrite() throws IOException {
    log.rewrite(kept.records());
    isPutOff = false;
    liveBytes = log.bytes();
  }

  @Override
  public void close() throws IOException {
    isClosed = true;
    log.close();
  }
}
