package egide.core.store;

import egide.core.protocol.Cbor;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What no press needs: what opens with a code, and when tests came through and the button was heard. From the first time that
 * somebody unlocked the telephone it lies in a file of its own, which can be read only after that; before, and where there
 * is no such place, with all else.
 */
final class Hers implements Closeable {
  private static final long CODES = 1, TESTED = 2, HEARD = 3;
  /** How long the file may grow by what is over before it is written anew. */
  private static final int SPENT_BYTES = 16 * 1024;

  private final Records records;
  /** Null while nobody unlocked the telephone. */
  private Log log;
  private byte[] codes = {};
  /** While the file is closed: what is to be written into it. */
  private Long testedAtUs, heardAtUs;
  private Runnable unlocked = () -> {};

  Hers(Records records) {
    this.records = records;
  }

  /** `then` follows once the file is open. */
  void whenUnlocked(Runnable then) {
    unlocked = then;
  }

  boolean hasCodes() {
    return records.kept.hasCodes || records.kept.codes.length > 0;
  }

  /** Null where there are none, and while they cannot be read. */
  byte[] codes() {
    byte[] found = records.kept.isApart ? codes : records.kept.codes;
    return hasCodes() && found.length > 0 ? found.clone() : null;
  }

  Choices choices() {
    Choices kept = records.kept.choices.length == 0 ? Choices.NONE : Choices.read(records.kept.choices);
    return records.kept.isApart ? kept.at(testedAtUs, heardAtUs) : kept;
  }

  void doChoose(Choices choices) throws IOException {
    if (!records.kept.isApart) {
      records.put(Records.fields(Kept.CHOICES, choices.written()), false);
      return;
    }
    boolean isSame = Objects.equals(testedAtUs, choices.testedAtUs()) && Objects.equals(heardAtUs, choices.buttonHeardAtUs());
    testedAtUs = choices.testedAtUs();
    heardAtUs = choices.buttonHeardAtUs();
    if (!isSame && log != null) {
      log.append(record(), false);
    }
    putPlain(choices, new LinkedHashMap<>());
  }

  /** What of the choices may be read by anybody, and `fields` with it; nothing where it stands there already. */
  private void putPlain(Choices choices, Map<Long, Object> fields) throws IOException {
    byte[] plain = choices.at(null, null).written();
    if (!fields.isEmpty() || !Arrays.equals(plain, records.kept.choices)) {
      fields.put(Kept.CHOICES, plain);
      records.put(fields, false);
    }
  }

  void doKeepCodes(byte[] changed) throws IOException {
    if (records.kept.isApart) {
      putCodes(changed);
    } else {
      records.put(Records.fields(Kept.CODES, changed), false);
    }
  }

  /** `fields` is of the same step. Throws IOException: then the codes of before hold. */
  void doSetCodes(byte[] chosen, Choices choices, Map<Long, Object> fields) throws IOException {
    if (!records.kept.isApart) {
      fields.put(Kept.CODES, chosen);
      fields.put(Kept.CHOICES, choices.written());
      records.put(fields, false);
      return;
    }
    testedAtUs = choices.testedAtUs();
    if (records.kept.hasCodes) {
      // What makes them hold is written last: here the codes themselves, else that there are some.
      putPlain(choices, fields);
      putCodes(chosen);
    } else {
      putCodes(chosen);
      fields.put(Kept.HAS_CODES, true);
      putPlain(choices, fields);
    }
  }

  private void putCodes(byte[] changed) throws IOException {
    if (log == null) {
      throw new IOException("nobody has unlocked this telephone since it was started");
    }
    byte[] former = codes;
    codes = changed.clone();
    try {
      log.append(record(), false);
    } catch (IOException error) {
      codes = former;
      throw error;
    }
  }

  /** Only what holds now is left in the file. */
  void rewrite() throws IOException {
    if (log != null) {
      // Said twice: one may be damaged.
      log.rewrite(Arrays.asList(record(), record()));
    }
  }

  /** Somebody unlocked the telephone: `path` can be read. Throws IOException when it cannot; then it is as before. */
  void doUnlock(Path path) throws IOException {
    if (log != null) {
      return;
    }
    Long tested = testedAtUs, heard = heardAtUs;
    Files.createDirectories(path.toAbsolutePath().getParent());
    Log.Found found = new Log.Found();
    try {
      log = Log.open(path, this::take, found);
      boolean isNews = tested != null || heard != null;
      testedAtUs = tested == null ? testedAtUs : tested;
      heardAtUs = heard == null ? heardAtUs : heard;
      if (!records.kept.isApart) {
        move();
      } else if (found.isNew || found.isDamaged || isNews || log.bytes() > SPENT_BYTES) {
        rewrite();
      }
      noteDamage(found);
    } catch (IOException error) {
      close();
      testedAtUs = tested;
      heardAtUs = heard;
      throw error;
    }
    unlocked.run();
  }

  /** It is told. Codes that are damaged beyond reading open nothing any more: she chooses them anew. */
  private void noteDamage(Log.Found found) throws IOException {
    boolean areLost = records.kept.hasCodes && codes.length == 0;
    if (areLost || found.isDamaged && !records.kept.isMended) {
      Map<Long, Object> fields = Records.fields(Kept.HAS_CODES, records.kept.hasCodes && !areLost);
      fields.put(Kept.MENDED, true);
      records.put(fields, false);
    }
  }

  /**
   * Once in the life of a kit, also of one that an earlier version of the app kept. First a copy here, then one record
   * there that says so: whatever ends the process in between, what was kept there holds, and it is done again.
   */
  private void move() throws IOException {
    Choices choices = choices();
    codes = records.kept.codes;
    testedAtUs = choices.testedAtUs();
    heardAtUs = choices.buttonHeardAtUs();
    rewrite();
    Map<Long, Object> fields = Records.fields(Kept.APART, true);
    fields.put(Kept.HAS_CODES, codes.length > 0);
    fields.put(Kept.CODES, new byte[0]);
    fields.put(Kept.CHOICES, choices.at(null, null).written());
    records.put(fields, false);
    try {
      records.rewrite();
    } catch (IOException full) {
      // What was there goes with the next writing anew, after the next receipt.
      return;
    }
  }

  private byte[] record() {
    Map<Long, Object> fields = new LinkedHashMap<>();
    fields.put(CODES, codes);
    if (testedAtUs != null) {
      fields.put(TESTED, testedAtUs);
    }
    if (heardAtUs != null) {
      fields.put(HEARD, heardAtUs);
    }
    return Cbor.encode(fields);
  }

  private void take(byte[] record) {
    Map<?, ?> fields = Kept.fields(record);
    if (!(fields.get(CODES) instanceof byte[] found)) {
      throw new IllegalArgumentException("a record of another kind");
    }
    codes = found;
    testedAtUs = fields.get(TESTED) instanceof Long us ? us : null;
    heardAtUs = fields.get(HEARD) instanceof Long us ? us : null;
  }

  @Override
  public void close() throws IOException {
    Log open = log;
    log = null;
    codes = new byte[0];
    if (open != null) {
      open.close();
    }
  }
}
