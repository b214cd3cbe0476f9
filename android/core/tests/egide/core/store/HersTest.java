package egide.core.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import egide.core.protocol.Bytes;
import egide.core.protocol.Enrolment;
import egide.core.protocol.Kind;
import egide.core.protocol.Message;
import egide.core.protocol.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What no press needs: behind her unlocking of the telephone, moved there once, and nothing of it lost on the way. */
final class HersTest {
  private static final byte[] CODES = Bytes.utf8("what opens with a code");
  private static final byte[] OTHERS = Bytes.utf8("what opens with another");
  private static final long TESTED_US = 5, HEARD_US = 7;

  @TempDir
  Path folder;

  private final KeyMaker keys = new KeyMaker.Soft();
  private PhoneStore store;

  private Path safe() {
    return folder.resolve("phone");
  }

  private Path hers() {
    return folder.resolve("hers/log");
  }

  @BeforeEach
  void open() throws IOException {
    store = PhoneStore.open(safe(), keys);
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  private void restart() throws IOException {
    store.close();
    open();
  }

  private void unlock() throws IOException {
    store.doUnlock(hers());
  }

  private static boolean isIn(Path file, byte[] what) throws IOException {
    return Bytes.toHex(Files.readAllBytes(file)).contains(Bytes.toHex(what));
  }

  /** The process ended before `file` had what was written since it was `kept`. */
  private void endBefore(Path file, byte[] kept) throws IOException {
    store.close();
    Files.write(file, kept);
    open();
  }

  private void press(long button) throws IOException {
    assertNotNull(store.doAddPress(button, new Message(Kind.PRESS, 0, 1000, null, null, null, null, null, null)));
  }

  /** With codes, and with times of which an earlier version left none beside them: the older the more. */
  private void keptByAnEarlierVersion() throws IOException {
    store.doSetCodes(CODES, Choices.NONE.vibrating(true).told("1.0").tested(TESTED_US).heard(HEARD_US));
    press(1);
  }

  private void assertAllIsThere(byte[] codes) {
    assertArrayEquals(codes, store.codes());
    assertEquals(new Choices(true, false, false, TESTED_US, "1.0", HEARD_US), store.choices());
    assertTrue(store.hasCodes() && store.hasPress(1));
    assertFalse(store.isMended());
  }

  @Test
  void whatAnEarlierVersionKeptIsMovedOnceAndNothingOfItIsLeftBehind() throws IOException {
    keptByAnEarlierVersion();
    assertTrue(isIn(safe(), CODES));
    unlock();
    assertAllIsThere(CODES);
    assertFalse(isIn(safe(), CODES));
    restart();
    unlock();
    byte[] once = Files.readAllBytes(safe());
    assertAllIsThere(CODES);
    restart();
    unlock();
    assertArrayEquals(once, Files.readAllBytes(safe()), "later unlocks write nothing that a press could wait for");
  }

  @Test
  void beforeAnybodyUnlocksThereAreCodesThatNobodyCanReadAndPressesAreKept() throws IOException {
    keptByAnEarlierVersion();
    unlock();
    restart();
    assertTrue(store.hasCodes());
    assertNull(store.codes());
    assertEquals(new Choices(true, false, false, null, "1.0", null), store.choices());
    press(2);
    assertThrows(IOException.class, () -> store.doSetCodes(OTHERS, store.choices()));
    restart();
    unlock();
    assertAllIsThere(CODES);
    assertEquals(2, store.unsentPresses().size());
  }

  @Test
  void endedWhileItIsMovedItIsMovedAgain() throws IOException {
    keptByAnEarlierVersion();
    byte[] before = Files.readAllBytes(safe());
    unlock();
    endBefore(safe(), before);
    assertAllIsThere(CODES);
    unlock();
    assertAllIsThere(CODES);
    // Nor had the other one all of it.
    byte[] half = Bytes.slice(Files.readAllBytes(hers()), 0, 30);
    endBefore(safe(), before);
    endBefore(hers(), half);
    unlock();
    assertArrayEquals(CODES, store.codes());
    restart();
    unlock();
    assertArrayEquals(CODES, store.codes());
    assertFalse(isIn(safe(), CODES));
  }

  @Test
  void endedWhileTheFirstCodesAreChosenThereAreNoneAndTheNamesAreStillThere() throws IOException {
    store.doEnrol(new Enrolment(
        "k", "kit-7", "button-7", new byte[16], new byte[32], List.of("https://a"), Settings.inReply("{\"version\":1}"), null));
    unlock();
    byte[] before = Files.readAllBytes(safe());
    store.doSetCodes(CODES, store.choices());
    endBefore(safe(), before);
    unlock();
    assertFalse(store.hasCodes());
    assertNull(store.codes());
    assertEquals("kit-7", store.enrolment().kit());
    store.doSetCodes(OTHERS, store.choices());
    restart();
    unlock();
    assertArrayEquals(OTHERS, store.codes());
    assertEquals("", store.enrolment().kit());
  }

  @Test
  void codesThatWereChosenAnewLeaveNothingOfTheFormerInEitherFile() throws IOException {
    unlock();
    store.doSetCodes(CODES, store.choices());
    byte[] before = Files.readAllBytes(hers());
    store.doSetCodes(OTHERS, store.choices());
    assertFalse(isIn(safe(), CODES) || isIn(hers(), CODES) || isIn(safe(), OTHERS));
    endBefore(hers(), before);
    unlock();
    assertArrayEquals(CODES, store.codes(), "those or the others, never none");
    store.doKeepCodes(OTHERS);
    assertFalse(isIn(hers(), CODES));
    assertArrayEquals(OTHERS, store.codes());
  }

  @Test
  void whenAButtonWasHeardMeanwhileIsWrittenOnceSomebodyUnlocks() throws IOException {
    keptByAnEarlierVersion();
    unlock();
    restart();
    boolean[] isTold = {false};
    store.whenUnlocked(() -> isTold[0] = true);
    byte[] before = Files.readAllBytes(safe());
    store.doChoose(store.choices().heard(9));
    assertArrayEquals(before, Files.readAllBytes(safe()));
    unlock();
    assertTrue(isTold[0]);
    assertEquals(new Choices(true, false, false, TESTED_US, "1.0", 9L), store.choices());
    restart();
    unlock();
    assertEquals(9L, store.choices().buttonHeardAtUs());
    store.doChoose(store.choices().heard(11).listening(true));
    restart();
    assertTrue(store.choices().listens(), "a press needs it");
    unlock();
    assertEquals(11L, store.choices().buttonHeardAtUs());
  }

  @Test
  void damageIsToldAndCodesThatAreGoneAreChosenAnew() throws IOException {
    keptByAnEarlierVersion();
    unlock();
    byte[] whole = Files.readAllBytes(hers());
    byte[] damaged = whole.clone();
    damaged[30] ^= 1;
    endBefore(hers(), damaged);
    unlock();
    assertArrayEquals(CODES, store.codes(), "said twice");
    assertTrue(store.isMended());
    restart();
    assertTrue(store.isMended(), "until a test has come through");
    endBefore(hers(), new byte[whole.length]);
    unlock();
    assertFalse(store.hasCodes());
    assertTrue(store.isMended());
    press(2);
    store.doSetCodes(OTHERS, store.choices());
    restart();
    unlock();
    assertArrayEquals(OTHERS, store.codes());
  }

  @Test
  void aPlaceThatCannotBeReadTakesNoCodesAwayAndIsTriedAgain() throws IOException {
    keptByAnEarlierVersion();
    unlock();
    restart();
    Path inTheWay = folder.resolve("file");
    Files.write(inTheWay, new byte[1]);
    assertThrows(IOException.class, () -> store.doUnlock(inTheWay.resolve("log")));
    assertTrue(store.hasCodes());
    assertNull(store.codes());
    press(2);
    unlock();
    assertAllIsThere(CODES);
  }
}
