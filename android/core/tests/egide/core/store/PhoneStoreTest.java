package egide.core.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import egide.core.protocol.Bytes;
import egide.core.protocol.Enrolment;
import egide.core.protocol.Envelope;
import egide.core.protocol.EnvelopeError;
import egide.core.protocol.Kind;
import egide.core.protocol.Message;
import egide.core.protocol.Pinned;
import egide.core.protocol.Position;
import egide.core.protocol.Receipt;
import egide.core.protocol.Settings;
import egide.core.protocol.TextRoad;
import egide.core.protocol.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The phone's memory: one step for counter and message, nothing lost, nothing left lying about. */
final class PhoneStoreTest {
  private static final Position HERE = new Position(504_542_000, 39_523_000, 12, 0, 1);

  @TempDir
  Path folder;

  private KeyMaker keys = new KeyMaker.Soft();
  private PhoneStore store;

  @BeforeEach
  void open() throws IOException {
    store = PhoneStore.open(folder.resolve("phone"), keys);
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  private void reopen() throws IOException {
    store.close();
    open();
  }

  private static Message message(Kind kind, Long press) {
    return new Message(kind, 0, 1000, HERE, null, null, null, press, null);
  }

  private static Message press() {
    return message(Kind.PRESS, null);
  }

  private static Message heartbeat(Long press) {
    return new Message(Kind.HEARTBEAT, 0, 1, null, null, null, null, press, null);
  }

  private static Receipt receipt(String alarm, String state, long nextCounter) {
    return new Receipt(1, alarm, 5, state, nextCounter, List.of(), "");
  }

  private boolean take(Outgoing sent, String alarm, String state) throws IOException {
    return store.doTakeReceipt(sent, receipt(alarm, state, 0), 7);
  }

  private static void assertSame(Outgoing expected, Outgoing found) {
    assertArrayEquals(expected.data(), found.data());
    assertEquals(expected.counter(), found.counter());
  }

  @Test
  void aPressIsThereWithTheSameBytesAfterARestart() throws IOException, EnvelopeError {
    Outgoing kept = store.doAddPress(7, press());
    String kid = store.kid();
    reopen();
    assertEquals(1, store.unsentPresses().size());
    assertSame(kept, store.unsentPresses().get(0));
    assertEquals(7, store.buttonHighest());
    assertTrue(store.hasPress(7));
    assertFalse(store.hasPress(6));
    assertEquals(kid, store.kid());
    Envelope envelope = Envelope.unwrap(kept.data());
    assertTrue(envelope.isSignedBy(store.key().publicKey()));
    assertEquals(kept.counter(), envelope.read().counter());
    assertFalse(store.isMended());
  }

  @Test
  void countersRiseOverAllMessagesAndRestarts() throws IOException {
    assertEquals(1, store.doAddPress(1, press()).counter());
    assertEquals(2, store.doAdd(message(Kind.POSITION, 1L)).counter());
    reopen();
    assertEquals(3, store.doAdd(message(Kind.POSITION, 1L)).counter());
    assertEquals(4, store.doAddPress(2, press()).counter());
    assertEquals(500, counterAfter(500));
    assertEquals(501, counterAfter(2_000_000));
  }

  private long counterAfter(long told) throws IOException {
    store.doTakeReceipt(store.unsentPresses().get(0), receipt("k-1", "received", told), 0);
    return store.doAdd(message(Kind.POSITION, 1L)).counter();
  }

  @Test
  void aReceiptEndsTheSendingAndTheBytesAreGone() throws IOException, EnvelopeError {
    Outgoing kept = store.doAddPress(1, press());
    Outgoing there = store.doAdd(message(Kind.POSITION, 1L));
    byte[] payload = Envelope.unwrap(there.data()).payload();
    assertTrue(left().contains(Bytes.toHex(payload)));
    take(kept, "k-1", "received");
    take(there, "k-1", "received");
    assertEquals(List.of(), store.unsentPresses());
    assertNull(store.nextOther(Set.of()));
    store.forgetWhatIsOver();
    assertFalse(left().contains(Bytes.toHex(payload)));
    reopen();
    assertEquals("k-1", store.openPress().alarm());
  }

  private String left() throws IOException {
    return Bytes.toHex(Files.readAllBytes(folder.resolve("phone")));
  }

  @Test
  void aRefusalIsNotedAndTheMessageStays() throws IOException {
    Outgoing kept = store.doAddPress(1, press());
    store.doNoteRefusal(kept.counter(), 401);
    store.doNoteRefusal(99, 401);
    reopen();
    assertSame(kept, store.unsentPresses().get(0));
    assertEquals(401, store.unsentPresses().get(0).refused());
  }

  @Test
  void whatSheDidGoesBeforePlacesPlacesBeforeSoundAndRefusedOnesLast() throws IOException {
    store.doAddPress(1, press());
    List<Kind> added = List.of(
        Kind.AUDIO, Kind.POSITION, Kind.HEARTBEAT, Kind.NOTICE, Kind.TEXT, Kind.CANCEL, Kind.POSITION, Kind.TEXT);
    List<Long> counters = new ArrayList<>();
    for (Kind kind : added) {
      counters.add(store.doAdd(message(kind, 1L)).counter());
    }
    store.doNoteRefusal(counters.get(5), 409);
    reopen();
    List<Long> order = new ArrayList<>();
    for (Outgoing next = store.nextOther(Set.of()); next != null; next = store.nextOther(Set.of())) {
      order.add(next.counter());
      take(next, "k-1", "received");
    }
    // Both texts, the notice, the newest position, the older one, the heartbeat, sound, and what was refused.
    assertEquals(List.of(6L, 9L, 5L, 8L, 3L, 4L, 2L, 7L), order);
  }

  @Test
  void aHeartbeatAtRestReplacesThoseThatWaitAndNothingElse() throws IOException {
    store.doAddPress(1, press());
    Outgoing inAlarm = store.doAdd(heartbeat(1L));
    store.doAdd(heartbeat(null));
    Outgoing newest = store.doAdd(heartbeat(null));
    assertSame(newest, store.nextOther(Set.of()));
    take(newest, "", "noted");
    assertSame(inAlarm, store.nextOther(Set.of()));
    assertEquals(1, store.unsentPresses().size());
  }

  @Test
  void newsOfAnAlarmIsNewsOnceAndClosingEndsIt() throws IOException {
    assertTrue(take(store.doAddPress(1, press()), "k-1", "received"));
    assertTrue(take(store.doAdd(message(Kind.POSITION, 1L)), "k-1", "acknowledged"));
    assertFalse(take(store.doAdd(message(Kind.POSITION, 1L)), "k-1", "acknowledged"));
    assertNotNull(store.openPress());
    Outgoing last = store.doAdd(message(Kind.POSITION, 1L));
    assertTrue(store.doTakeReceipt(last, receipt("k-1", "closed", 0), 10_000_000));
    assertNull(store.openPress());
    assertEquals("k-1", store.followedPress(10_000_000 + 3_599_999_999L, 3600).alarm());
    assertNull(store.followedPress(10_000_000 + 3_600_000_000L, 3600));
    assertNull(store.followedPress(9_999_999, 3600));
    assertTrue(store.knowsAlarm("k-1"));
    assertFalse(take(store.doAdd(heartbeat(null)), "", "noted"));
  }

  @Test
  void ofTwoPressesTheOneWithAReceiptIsTheOpenOne() throws IOException {
    Outgoing first = store.doAddPress(1, press());
    store.doAddPress(2, press());
    assertEquals(2, store.openPress().counter());
    take(first, "k-1", "received");
    assertEquals(1, store.openPress().counter());
  }

  @Test
  void aPressOfTheButtonIsKeptOnceAlsoBehindALaterOneAndLowersNothing() throws IOException {
    assertNotNull(store.doAddPress(5, press()));
    assertNotNull(store.doAddPress(4, press()));
    for (long counter : new long[] {5, 4}) {
      assertNull(store.doAddPress(counter, press()));
      assertFalse(store.doNoteButton(counter));
    }
    assertTrue(store.doNoteButton(6));
    reopen();
    assertEquals(2, store.unsentPresses().size());
    assertEquals(6, store.buttonHighest());
  }

  @Test
  void aTestIsKeptLikeAPressThatIsOver() throws IOException {
    Outgoing kept = store.doAddPress(3, message(Kind.TEST, null));
    reopen();
    assertTrue(store.hasPress(3));
    assertNull(store.openPress());
    assertEquals(List.of(), store.unsentPresses());
    assertSame(kept, store.nextOther(Set.of()));
    assertFalse(take(kept, "", "noted"));
  }

  @Test
  void countersOfWhatIsNeverKeptAreReservedAndNeverUsedAgain() throws IOException, EnvelopeError {
    store.doReserve(0);
    Set<Long> used = new HashSet<>();
    for (int each = 0; each < 3; each++) {
      used.add(store.sealUntraced(heartbeat(null)).counter());
    }
    Outgoing press = store.doAddPress(1, press());
    assertTrue(used.add(press.counter()));
    // One that names the press has a higher counter than it.
    Outgoing said = store.sealUntraced(message(Kind.TEXT, press.counter()));
    assertEquals(press.counter(), Envelope.unwrap(said.data()).read().press());
    assertTrue(used.add(said.counter()));
    reopen();
    assertTrue(used.add(store.sealUntraced(heartbeat(null)).counter()));
    assertTrue(used.add(store.doAddPress(2, press()).counter()));
    assertEquals(7, used.size());
  }

  @Test
  void enrolmentChoicesAndCodesSurviveARestartAndNamesGoWithTheCodes() throws IOException {
    Enrolment enrolment = new Enrolment(
        "k",
        "kit-7",
        "button-7",
        new byte[16],
        new byte[32],
        List.of("https://a"),
        Settings.inReply("{\"version\":1}"),
        new TextRoad("+32000", 16_161));
    store.doEnrol(enrolment);
    store.doNoteButtonSettings(4);
    store.doChoose(store.choices().vibrating(true).tested(5L).told("1.0"));
    reopen();
    assertEquals("kit-7", store.enrolment().kit());
    assertEquals(new TextRoad("+32000", 16_161), store.enrolment().texts());
    assertEquals(4, store.buttonSettings());
    assertEquals(new Choices(true, false, false, 5L, "1.0", null), store.choices());
    assertTrue(left().contains(Bytes.toHex(Bytes.utf8("kit-7"))));
    store.doSetCodes(new byte[] {1, 2}, store.choices().tested(null));
    assertFalse(left().contains(Bytes.toHex(Bytes.utf8("kit-7"))));
    store.doPin(new Pinned(new byte[32], new byte[] {9}));
    reopen();
    assertArrayEquals(new byte[] {1, 2}, store.codes());
    assertArrayEquals(new byte[] {9}, store.keyAhead());
    assertEquals("", store.enrolment().buttonId());
    assertNull(store.choices().testedAtUs());
  }

  @Test
  void afterDamageNoCounterIsUsedAgainAndWhatIsWholeIsThere() throws IOException {
    List<Outgoing> kept = new ArrayList<>();
    for (int each = 1; each <= 20; each++) {
      kept.add(store.doAddPress(each, press()));
    }
    String kid = store.kid();
    long highest = kept.get(19).counter();
    store.close();
    byte[] data = Files.readAllBytes(folder.resolve("phone"));
    for (int at : new int[] {20, data.length / 40, 2000, 3000}) {
      byte[] changed = data.clone();
      changed[at] ^= 1;
      Files.write(folder.resolve("phone"), changed);
      open();
      assertTrue(store.isMended(), "at " + at);
      assertEquals(kid, store.kid());
      assertTrue(store.unsentPresses().size() >= 19);
      assertTrue(store.doAddPress(21, press()).counter() > highest + 4096);
      reopen();
      assertTrue(store.isMended(), "until a test has come through");
      assertTrue(store.unsentPresses().size() >= 20);
      store.close();
    }
    open();
  }

  @Test
  void damageIsSaidUntilATestHasComeThrough() throws IOException {
    Outgoing press = store.doAddPress(1, press());
    store.doAddPress(2, press());
    store.close();
    byte[] data = Files.readAllBytes(folder.resolve("phone"));
    data[20] ^= 1;
    Files.write(folder.resolve("phone"), data);
    open();
    Outgoing test = store.doAddPress(3, message(Kind.TEST, null));
    take(press, "a", "received");
    reopen();
    assertTrue(store.isMended());
    take(test, "", "");
    assertFalse(store.isMended());
    reopen();
    assertFalse(store.isMended());
  }

  @Test
  void aFileOfWhichNothingIsLeftIsAnotherPhoneThatSaysSo() throws IOException {
    String kid = store.kid();
    store.close();
    Files.write(folder.resolve("phone"), new byte[100_000]);
    open();
    assertTrue(store.isMended());
    assertNotEquals(kid, store.kid());
    assertNull(store.enrolment());
  }

  @Test
  void twoPhonesNeverHaveOneMemory() {
    Path path = folder.resolve("phone");
    assertThrows(IOException.class, () -> PhoneStore.open(path, new KeyMaker.Soft()));
  }

  /** A key that costs nothing: what is signed is of no matter there. */
  private static final class Quick implements KeyMaker, SigningKey {
    @Override
    public byte[] fresh() {
      return new byte[1];
    }

    @Override
    public SigningKey open(byte[] kept) {
      return this;
    }

    @Override
    public byte[] publicKey() {
      return new byte[32];
    }

    @Override
    public byte[] sign(byte[] message) {
      return new byte[64];
    }
  }

  @Test
  void tenThousandUnsentMessagesAreReadAgainAndLeaveInOrder() throws IOException {
    keys = new Quick();
    store.close();
    Files.delete(folder.resolve("phone"));
    open();
    for (int each = 1; each <= 10_000; each++) {
      store.doAddPress(each, press());
    }
    reopen();
    List<Outgoing> unsent = store.unsentPresses();
    assertEquals(10_000, unsent.size());
    long last = 0;
    for (Outgoing each : unsent) {
      assertTrue(each.counter() > last);
      last = each.counter();
      take(each, "k-1", "received");
      if (each.counter() % 8 == 0) {
        // As many as are on their way at once.
        store.forgetWhatIsOver();
      }
    }
    assertEquals(List.of(), store.unsentPresses());
    assertTrue(Files.size(folder.resolve("phone")) < 2_000_000);
  }
}
