package egide.core.store;

import egide.core.protocol.Bytes;
import egide.core.protocol.Cbor;
import egide.core.protocol.Enrolment;
import egide.core.protocol.Envelope;
import egide.core.protocol.EnvelopeError;
import egide.core.protocol.JsonError;
import egide.core.protocol.Keys;
import egide.core.protocol.Kind;
import egide.core.protocol.Message;
import egide.core.protocol.Pinned;
import egide.core.protocol.Receipt;
import egide.core.protocol.Settings;
import egide.core.protocol.SigningKey;
import egide.core.rules.Rules;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the phone remembers over a crash: its key, the button's highest counter, every message until it is receipted.
 *
 * One log for each phone: what is in here survives kill -9 and a flat battery. Each method that begins with `do` is one
 * record, on the disk when it returns, and throws IOException when the disk refuses it: then nothing changed. Receipts,
 * reserved counters and signs of life alone may go with the power until the next record, or until `forgetWhatIsOver`: the
 * server gives the same receipt again, and no reserved counter is used before. For one thread.
 */
public final class PhoneStore implements Closeable {
  /** Counters for messages that are sent from memory alone: enough for hours. */
  static final int RESERVED = 4096;

  private final Records records;
  private final Kept kept;
  private final Hers hers;
  private final SigningKey key;
  /** First of the counters that are reserved, and the first that is not. */
  private long reserved, reservedEnd;

  private PhoneStore(Records records, SigningKey key) {
    this.records = records;
    this.kept = records.kept;
    this.hers = new Hers(records);
    this.key = key;
  }

  /** Opens `path`, or starts it with a fresh key. Throws IOException; KeyLost when the key is there no more. */
  public static PhoneStore open(Path path, KeyMaker keys) throws IOException {
    Records records = Records.open(path, keys);
    try {
      return new PhoneStore(records, keys.open(records.kept.key));
    } catch (RuntimeException error) {
      records.close();
      throw error;
    }
  }

  @Override
  public void close() throws IOException {
    try {
      hers.close();
    } finally {
      records.close();
    }
  }

  /**
   * Somebody unlocked the telephone: what no press needs lies in `path` from now on. Throws IOException when it cannot be
   * read; then there are codes that nobody can try, and it may be called again.
   */
  public void doUnlock(Path path) throws IOException {
    hers.doUnlock(path);
  }

  /** `then` follows once that is so. */
  public void whenUnlocked(Runnable then) {
    hers.whenUnlocked(then);
  }

  /** Whether something of what was kept could not be read when it was opened, now or earlier, and no test came through since. */
  public boolean isMended() {
    return kept.isMended;
  }

  /** Key id in hexadecimal: the device's name everywhere. */
  public String kid() {
    return Bytes.toHex(Keys.kidOf(key.publicKey()));
  }

  /** The phone's own signing key, made here and never given away. */
  public SigningKey key() {
    return key;
  }

  // -- enrolment ----------------------------------------------------------------------------------------------

  /** Null before the phone is enrolled. */
  public Enrolment enrolment() {
    if (kept.enrolment.length == 0) {
      return null;
    }
    try {
      return Enrolment.read(kept.enrolment);
    } catch (JsonError error) {
      // Whatever is in the log was written here, behind a checksum.
      throw new IllegalStateException(error);
    }
  }

  public void doEnrol(Enrolment reply) throws IOException {
    records.put(Records.fields(Kept.ENROLMENT, reply.written()), false);
  }

  /** Replaces the kit's settings in what the enrolment gave. */
  public void doSetSettings(Settings settings) throws IOException {
    doEnrol(enrolment().with(settings));
  }

  public Choices choices() {
    return hers.choices();
  }

  public void doChoose(Choices choices) throws IOException {
    hers.doChoose(choices);
  }

  /** Whether codes were chosen; known before anybody unlocked the telephone, too. */
  public boolean hasCodes() {
    return hers.hasCodes();
  }

  /** What opens with a code; null before codes were chosen, and before somebody unlocked the telephone. */
  public byte[] codes() {
    return hers.codes();
  }

  public void doKeepCodes(byte[] codes) throws IOException {
    hers.doKeepCodes(codes);
    forgetFormer();
  }

  /** From now on kit and button are read with a code; what was kept before of either is gone from the file. */
  public void doSetCodes(byte[] codes, Choices choices) throws IOException {
    Map<Long, Object> fields = new LinkedHashMap<>();
    Enrolment enrolment = enrolment();
    if (enrolment != null) {
      fields.put(Kept.ENROLMENT, enrolment.withoutNames().written());
    }
    hers.doSetCodes(codes, choices, fields);
    forgetFormer();
  }

  /** A disk that refuses it keeps a while longer what was kept before. */
  private void forgetFormer() {
    try {
      records.rewrite();
      hers.rewrite();
    } catch (IOException refused) {
      return;
    }
  }

  /** The server's key that follows the enrolled one; empty for none. */
  public byte[] keyAhead() {
    return kept.keyAhead.clone();
  }

  /** From now on believe the server by these keys. */
  public void doPin(Pinned pinned) throws IOException {
    Map<Long, Object> fields = Records.fields(Kept.ENROLMENT, enrolment().withServerKey(pinned.key()).written());
    fields.put(Kept.KEY_AHEAD, pinned.ahead());
    records.put(fields, false);
  }

  /** The version of the settings that the button took; 0 for none. */
  public long buttonSettings() {
    return kept.buttonSettings;
  }

  public void doNoteButtonSettings(long version) throws IOException {
    records.put(Records.fields(Kept.BUTTON_SETTINGS, version), false);
  }

  /** The number of the last test that an officer armed here; 0 for none. */
  public long officersTest() {
    return kept.officersTest;
  }

  public void doNoteOfficersTest(long number) throws IOException {
    records.put(Records.fields(Kept.OFFICERS_TEST, number), false);
  }

  /** Null before the first sign of life. */
  public Alive alive() {
    return kept.alive;
  }

  public void doNoteAlive(Alive alive) throws IOException {
    records.putOff(Records.fields(Kept.ALIVE, Kept.listOf(alive)), false);
  }

  /** The address of a button that only broadcasts; empty for none. */
  public byte[] broadcaster() {
    return kept.broadcaster.clone();
  }

  public void doKeepBroadcaster(byte[] address) throws IOException {
    records.put(Records.fields(Kept.BROADCASTER, address), false);
  }

  // -- presses and messages -----------------------------------------------------------------------------------

  /** The highest counter of the button that was ever accepted. */
  public long buttonHighest() {
    return kept.buttonHighest;
  }

  public boolean hasPress(long buttonCounter) {
    return kept.presses.hasButton(buttonCounter);
  }

  /** The button said this; nothing up to here counts again. False when it was not above the highest. */
  public boolean doNoteButton(long buttonCounter) throws IOException {
    if (buttonCounter <= kept.buttonHighest) {
      return false;
    }
    records.put(Records.fields(Kept.BUTTON_HIGHEST, buttonCounter), false);
    return true;
  }

  /**
   * Keeps a press: highest counter and signed message in one step. The message's counter is given here, and
   * `buttonCounter` is 0 for a press without a button.
   *
   * A test is kept like a press that is over, so that the button's repetition of it is known. Null, and nothing
   * changes, when this press of the button was kept before. Throws KeyLost too.
   */
  public Outgoing doAddPress(long buttonCounter, Message message) throws IOException {
    if (buttonCounter != 0 && kept.presses.hasButton(buttonCounter)) {
      return null;
    }
    Outgoing outgoing = sealed(message, kept.nextCounter);
    boolean isTest = message.kind() == Kind.TEST;
    String alarm = isTest ? "" : kid() + "-" + outgoing.counter();
    String state = isTest ? Press.CLOSED : "";
    Map<Long, Object> fields = added(outgoing, message);
    if (buttonCounter > kept.buttonHighest) {
      fields.put(Kept.BUTTON_HIGHEST, buttonCounter);
    }
    Press press = new Press(outgoing.counter(), buttonCounter, alarm, state, false, 0);
    fields.put(Kept.PRESS, Kept.listOf(press));
    records.put(fields, true);
    return outgoing;
  }

  /**
   * Keeps any other message. Its counter is given here. A heartbeat at rest takes the place of those that wait: only
   * the newest says how things are. Throws KeyLost too.
   */
  public Outgoing doAdd(Message message) throws IOException {
    Outgoing outgoing = sealed(message, kept.nextCounter);
    records.put(added(outgoing, message), false);
    return outgoing;
  }

  private Map<Long, Object> added(Outgoing outgoing, Message message) {
    boolean isAtRest = message.kind() == Kind.HEARTBEAT && message.press() == null;
    Map<Long, Object> fields = Records.fields(Kept.NEXT_COUNTER, outgoing.counter() + 1);
    fields.put(Kept.OUTGOING, Kept.listOf(new Kept.Waiting(outgoing, isAtRest)));
    if (isAtRest) {
      fields.put(Kept.DROP_AT_REST, true);
    }
    return fields;
  }

  private Outgoing sealed(Message message, long counter) {
    try {
      return new Outgoing(counter, message.kind(), Envelope.seal(message.numbered(counter), key), 0, 0);
    } catch (EnvelopeError error) {
      // The phone makes its messages within their bounds.
      throw new IllegalArgumentException(error);
    }
  }

  /**
   * Takes counters for what is never kept, ahead of its use and above that of a press: `sealUntraced` then writes
   * nothing.
   */
  public void doReserve(long above) throws IOException {
    if (reserved == reservedEnd || reserved <= above) {
      long first = kept.nextCounter;
      records.putOff(Records.fields(Kept.NEXT_COUNTER, first + RESERVED), true);
      reserved = first;
      reservedEnd = first + RESERVED;
    }
  }

  /**
   * Signs a message that is never kept; on a full disk it may have to do without naming its press. Throws IOException
   * when no counter was reserved, nor can be.
   */
  public Outgoing sealUntraced(Message message) throws IOException {
    Message said = message;
    try {
      doReserve(message.press() == null ? 0 : message.press());
      records.settle();
    } catch (IOException error) {
      if (reserved == reservedEnd) {
        throw error;
      }
      said = message.alone();
    }
    return sealed(said, reserved++);
  }

  public boolean knowsAlarm(String alarm) {
    return kept.presses.knows(alarm);
  }

  /** Presses without receipt, oldest first. */
  public List<Outgoing> unsentPresses() {
    List<Outgoing> unsent = new ArrayList<>();
    for (Kept.Waiting each : kept.outbox.values()) {
      if (each.outgoing().isPress()) {
        unsent.add(each.outgoing());
      }
    }
    return unsent;
  }

  /** The other message without receipt whose turn it is, none of the kinds `but`; or null. What was refused is later. */
  public Outgoing nextOther(Set<Kind> but) {
    for (Outgoing each : kept.inTurn) {
      if (!but.contains(each.kind())) {
        return each;
      }
    }
    return null;
  }

  /** Remembers how the server refused; the message stays. */
  public void doNoteRefusal(long counter, int status) throws IOException {
    if (kept.outbox.containsKey(counter)) {
      records.put(Records.fields(Kept.REFUSED, Arrays.asList(counter, status)), false);
    }
  }

  /**
   * The server keeps `sent`, so the phone forgets its bytes: nobody must find a trail here. Adopts the server's next
   * counter when it is higher. True when the state of the alarm is news.
   */
  public boolean doTakeReceipt(Outgoing sent, Receipt receipt, long nowUs) throws IOException {
    Map<Long, Object> fields = Records.fields(Kept.SENT, sent.counter());
    fields.put(Kept.NEXT_COUNTER, Rules.nextCounter(kept.nextCounter, receipt.nextCounter()));
    if (sent.isPress()) {
      fields.put(Kept.RECEIVED, Arrays.asList(sent.counter(), receipt.alarm()));
    }
    if (kept.isMended && sent.kind() == Kind.TEST) {
      fields.put(Kept.MENDED, false);
    }
    boolean isNews = kept.presses.isNews(sent, receipt);
    if (isNews) {
      long closedAtUs = receipt.state().equals(Press.CLOSED) ? nowUs : 0;
      fields.put(Kept.STATE, Arrays.asList(receipt.alarm(), receipt.state(), closedAtUs));
    }
    records.putOff(fields, true);
    return isNews;
  }

  /** What was put off is on the disk, and what the server has is gone from the file. To be called once nobody waits. */
  public void forgetWhatIsOver() {
    records.forgetWhatIsOver();
  }

  /** The newest press whose alarm is not closed, one with a receipt before others; null at rest. */
  public Press openPress() {
    return kept.presses.open();
  }

  /** Whose position is sent: the open press, else the last one whose alarm closed less than `tailS` ago; or null. */
  public Press followedPress(long nowUs, long tailS) {
    return kept.presses.followed(nowUs, tailS);
  }
}
