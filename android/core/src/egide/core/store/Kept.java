package egide.core.store;

import egide.core.protocol.Cbor;
import egide.core.protocol.CborError;
import egide.core.protocol.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * All that the phone remembers, in memory: what the records of the log add up to. A record is a map of what it changes,
 * and is taken as a whole; the fields are taken in the order of their numbers.
 */
final class Kept {
  static final long KEY = 1, ENROLMENT = 2, BUTTON_HIGHEST = 3, NEXT_COUNTER = 4, CHOICES = 5, CODES = 6;
  static final long BUTTON_SETTINGS = 7, KEY_AHEAD = 8, BROADCASTER = 9, ALIVE = 10;
  static final long PRESS = 11, RECEIVED = 12, STATE = 13;
  static final long DROP_AT_REST = 14, OUTGOING = 15, SENT = 16, REFUSED = 17;
  static final long OFFICERS_TEST = 18, MENDED = 19, APART = 20, HAS_CODES = 21;
  private static final byte[] NOTHING = {};

  /** A message that waits for its receipt. `isAtRest`: a sign of life that only the newest one is worth. */
  record Waiting(Outgoing outgoing, boolean isAtRest) {}

  /** What was kept of the key; null before the first record. */
  byte[] key;
  /** Empty where there is none. */
  byte[] enrolment = NOTHING, choices = NOTHING, codes = NOTHING, keyAhead = NOTHING, broadcaster = NOTHING;
  long buttonHighest, buttonSettings, officersTest, nextCounter = 1;
  /** Something was damaged, and no test has come through since. */
  boolean isMended;
  /** What no press needs lies elsewhere (`Hers`), and whether there are codes there. */
  boolean isApart, hasCodes;
  /** Null before the first sign of life. */
  Alive alive;
  final Presses presses = new Presses();
  final TreeMap<Long, Waiting> outbox = new TreeMap<>();
  /** Those of the outbox that are no presses, in the order in which they are sent. */
  final TreeSet<Outgoing> inTurn = new TreeSet<>(IN_TURN);

  /** What a person did goes before where she is, and that before sound. */
  private static final List<Kind> TURNS = Arrays.asList(
      Kind.CANCEL, Kind.TEXT, Kind.TEST, Kind.NOTICE, Kind.POSITION, Kind.HEARTBEAT, Kind.AUDIO);
  /** What was refused comes last, and the more often the later. Of places the newest counts, of all else the first. */
  private static final Comparator<Outgoing> IN_TURN = Kept::compareTurns;

  private static int compareTurns(Outgoing one, Outgoing other) {
    if (one.refusals() != other.refusals()) {
      return Long.compare(one.refusals(), other.refusals());
    }
    int turns = TURNS.indexOf(one.kind()) - TURNS.indexOf(other.kind());
    if (turns != 0) {
      return turns;
    }
    boolean isNewestFirst = one.kind() == Kind.POSITION || one.kind() == Kind.HEARTBEAT;
    return isNewestFirst
        ? Long.compare(other.counter(), one.counter())
        : Long.compare(one.counter(), other.counter());
  }

  /** The map that a record is. Throws IllegalArgumentException. */
  static Map<?, ?> fields(byte[] record) {
    try {
      if (Cbor.decode(record) instanceof Map<?, ?> fields) {
        return fields;
      }
    } catch (CborError error) {
      throw new IllegalArgumentException(error);
    }
    throw new IllegalArgumentException("a record that is no map");
  }

  /** Takes a record: all of it, or nothing and IllegalArgumentException. */
  void take(byte[] record) {
    Map<?, ?> fields = fields(record);
    try {
      check(fields);
    } catch (ClassCastException | IndexOutOfBoundsException error) {
      throw new IllegalArgumentException("a record of another kind", error);
    }
    takeValues(fields);
    if (fields.get(ALIVE) instanceof List<?> said) {
      alive = aliveOf(said);
    }
    if (fields.get(PRESS) instanceof List<?> press) {
      presses.put(pressOf(press));
    }
    if (fields.get(RECEIVED) instanceof List<?> received) {
      presses.receive((Long) received.get(0), (String) received.get(1));
    }
    if (fields.get(STATE) instanceof List<?> news) {
      presses.setState((String) news.get(0), (String) news.get(1), (Long) news.get(2));
    }
    takeOutgoing(fields);
  }

  /** Reads everything once, so that nothing is half taken. */
  private static void check(Map<?, ?> fields) {
    if (fields.get(PRESS) instanceof List<?> press) {
      pressOf(press);
    }
    if (fields.get(OUTGOING) instanceof List<?> outgoing) {
      waitingOf(outgoing);
    }
    if (fields.get(RECEIVED) instanceof List<?> received) {
      Arrays.asList((Long) received.get(0), (String) received.get(1));
    }
    if (fields.get(STATE) instanceof List<?> news) {
      Arrays.asList((String) news.get(0), (String) news.get(1), (Long) news.get(2));
    }
    if (fields.get(ALIVE) instanceof List<?> said) {
      aliveOf(said);
    }
    if (fields.get(REFUSED) instanceof List<?> refused) {
      Arrays.asList((Long) refused.get(0), (Long) refused.get(1));
    }
  }

  private void takeValues(Map<?, ?> fields) {
    key = fields.get(KEY) instanceof byte[] data ? data : key;
    enrolment = fields.get(ENROLMENT) instanceof byte[] data ? data : enrolment;
    choices = fields.get(CHOICES) instanceof byte[] data ? data : choices;
    codes = fields.get(CODES) instanceof byte[] data ? data : codes;
    keyAhead = fields.get(KEY_AHEAD) instanceof byte[] data ? data : keyAhead;
    broadcaster = fields.get(BROADCASTER) instanceof byte[] data ? data : broadcaster;
    buttonHighest = fields.get(BUTTON_HIGHEST) instanceof Long number ? number : buttonHighest;
    nextCounter = fields.get(NEXT_COUNTER) instanceof Long number ? number : nextCounter;
    buttonSettings = fields.get(BUTTON_SETTINGS) instanceof Long number ? number : buttonSettings;
    officersTest = fields.get(OFFICERS_TEST) instanceof Long number ? number : officersTest;
    isMended = fields.get(MENDED) instanceof Boolean is ? is : isMended;
    isApart = fields.get(APART) instanceof Boolean is ? is : isApart;
    hasCodes = fields.get(HAS_CODES) instanceof Boolean has ? has : hasCodes;
  }

  private void takeOutgoing(Map<?, ?> fields) {
    if (fields.containsKey(DROP_AT_REST)) {
      for (Waiting each : new ArrayList<>(outbox.values())) {
        if (each.isAtRest) {
          remove(each.outgoing.counter());
        }
      }
    }
    if (fields.get(OUTGOING) instanceof List<?> outgoing) {
      put(waitingOf(outgoing));
    }
    if (fields.get(SENT) instanceof Long counter) {
      remove(counter);
    }
    if (fields.get(REFUSED) instanceof List<?> refused && outbox.containsKey((Long) refused.get(0))) {
      Waiting was = remove((Long) refused.get(0));
      put(new Waiting(was.outgoing.refused((int) (long) (Long) refused.get(1)), was.isAtRest));
    }
  }

  private void put(Waiting waiting) {
    remove(waiting.outgoing.counter());
    outbox.put(waiting.outgoing.counter(), waiting);
    if (!waiting.outgoing.isPress()) {
      inTurn.add(waiting.outgoing);
    }
  }

  private Waiting remove(long counter) {
    Waiting was = outbox.remove(counter);
    if (was != null) {
      inTurn.remove(was.outgoing);
    }
    return was;
  }

  /** The records that add up to all of this. What everything hangs on is said twice: one may be damaged. */
  List<byte[]> records() {
    List<byte[]> records = new ArrayList<>();
    byte[] values = Cbor.encode(values());
    records.add(values);
    for (Press press : presses.all()) {
      records.add(record(PRESS, listOf(press)));
    }
    for (Waiting waiting : outbox.values()) {
      records.add(record(OUTGOING, listOf(waiting)));
    }
    records.add(values);
    return records;
  }

  private Map<Long, Object> values() {
    Map<Long, Object> values = new LinkedHashMap<>();
    values.put(KEY, key);
    values.put(ENROLMENT, enrolment);
    values.put(BUTTON_HIGHEST, buttonHighest);
    values.put(NEXT_COUNTER, nextCounter);
    values.put(CHOICES, choices);
    values.put(CODES, codes);
    values.put(BUTTON_SETTINGS, buttonSettings);
    values.put(KEY_AHEAD, keyAhead);
    values.put(BROADCASTER, broadcaster);
    values.put(OFFICERS_TEST, officersTest);
    values.put(MENDED, isMended);
    values.put(APART, isApart);
    values.put(HAS_CODES, hasCodes);
    if (alive != null) {
      values.put(ALIVE, listOf(alive));
    }
    return values;
  }

  private static byte[] record(long field, Object value) {
    Map<Long, Object> fields = new LinkedHashMap<>();
    fields.put(field, value);
    return Cbor.encode(fields);
  }

  static List<Object> listOf(Alive alive) {
    return Arrays.asList(alive.dueUs(), alive.startUs());
  }

  private static Alive aliveOf(List<?> fields) {
    return new Alive((Long) fields.get(0), (Long) fields.get(1));
  }

  static List<Object> listOf(Press press) {
    return Arrays.asList(
        press.counter(),
        press.buttonCounter(),
        press.alarm(),
        press.state(),
        press.isReceived(),
        press.closedAtUs());
  }

  private static Press pressOf(List<?> fields) {
    return new Press(
        (Long) fields.get(0),
        (Long) fields.get(1),
        (String) fields.get(2),
        (String) fields.get(3),
        (Boolean) fields.get(4),
        (Long) fields.get(5));
  }

  static List<Object> listOf(Waiting waiting) {
    Outgoing outgoing = waiting.outgoing;
    return Arrays.asList(
        outgoing.counter(),
        outgoing.kind().number,
        outgoing.data(),
        outgoing.refused(),
        outgoing.refusals(),
        waiting.isAtRest);
  }

  private static Waiting waitingOf(List<?> fields) {
    Kind kind = Kind.of((Long) fields.get(1));
    if (kind == null) {
      throw new IllegalArgumentException("kind " + fields.get(1));
    }
    int refused = (int) (long) (Long) fields.get(3);
    Outgoing outgoing =
        new Outgoing((Long) fields.get(0), kind, (byte[]) fields.get(2), refused, (Long) fields.get(4));
    return new Waiting(outgoing, (Boolean) fields.get(5));
  }
}
