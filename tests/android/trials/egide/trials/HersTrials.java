package egide.trials;

import android.webkit.WebMessage;
import android.webkit.WebView;
import egide.core.protocol.Bytes;
import egide.core.protocol.SigningKey;
import egide.core.protocol.SoftKey;
import egide.core.store.KeyMaker;
import egide.core.store.PhoneStore;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** What no press needs lies where only an unlocked telephone reads it; a press waits for none of it. */
final class HersTrials extends KitTrial {
  private static final long DEADLINE_NS = 60_000_000_000L;
  private static final String CODES = "{\"what\":\"codes\",\"own\":\"4711\",\"threat\":\"1147\"}";
  private static final String OPEN = "{\"what\":\"unlock\",\"code\":\"4711\"}";

  /** For whoever looks at what is kept, and signs nothing. */
  private static final KeyMaker LOOKING =
      new KeyMaker() {
        @Override
        public byte[] fresh() {
          throw new AssertionError("there is one");
        }

        @Override
        public SigningKey open(byte[] kept) {
          return new SoftKey(new byte[32]);
        }
      };
  private static final byte[] KEPT = Bytes.utf8("what opens with a code");

  private File safe() {
    return new File(handset.disk, "safe/kit/log");
  }

  private File hers() {
    return new File(handset.disk, "hers/hers/log");
  }

  private File aside() {
    return new File(handset.disk, "aside");
  }

  /** What a page is answered; a code takes threads that no invented clock moves. */
  private String answered(String what, String question) {
    WebView view = page();
    view.given.postMessage(new WebMessage(question));
    long end = System.nanoTime() + DEADLINE_NS;
    while (System.nanoTime() < end) {
      handset.stir();
      handset.pass(10);
      for (String said : List.copyOf(view.given.arrived))
        if (said.startsWith("{\"answer\":{\"what\":\"" + what + "\"")) return said.substring(said.indexOf("word\":\"") + 7, said.length() - 3);
    }
    throw new AssertionError("no answer to " + question);
  }

  private String state() {
    WebView view = page();
    view.given.postMessage(new WebMessage("{\"what\":\"state\"}"));
    handset.pass(1_000);
    return view.given.arrived.get(view.given.arrived.size() - 1);
  }

  /** With a kit and codes, all in one place; the process has ended. */
  private void keptByAnEarlierVersion() throws IOException {
    isEarlier = true;
    enrolled();
    isEarlier = false;
    handset.kill();
    phone.end();
    PhoneStore store = PhoneStore.open(safe().toPath(), LOOKING);
    store.doSetCodes(KEPT, store.choices());
    store.close();
    check(isIn(safe(), KEPT) && !hers().exists(), "all in one place");
  }

  private static boolean isIn(File file, byte[] what) throws IOException {
    return Bytes.toHex(Files.readAllBytes(file.toPath())).contains(Bytes.toHex(what));
  }

  /** Where the salt stands: all that opens with a code begins with it (CBOR: a list of five, and 16 bytes). */
  private static boolean hasCodes(File file) throws IOException {
    return Bytes.toHex(Files.readAllBytes(file.toPath())).matches(".*8550[0-9a-f]{32}58.*");
  }

  private void isMoved() throws IOException {
    check(isIn(hers(), KEPT) && !isIn(safe(), KEPT), "moved, and nothing of it left behind");
    check(state().contains("\"hasCodes\":true"), state());
    rest();
  }

  private void keep(File file) throws IOException {
    Files.copy(file.toPath(), aside().toPath(), StandardCopyOption.REPLACE_EXISTING);
  }

  private void putBack(File file) throws IOException {
    Files.copy(aside().toPath(), file.toPath(), StandardCopyOption.REPLACE_EXISTING);
  }

  void trialRestartedAndNotUnlockedAPressArrivesAndNothingThatOpensWithACodeCanBeRead() throws IOException {
    enrolled();
    same("CHOSEN", answered("codes", CODES));
    rest();
    check(hasCodes(hers()) && !hasCodes(safe()), "behind her unlocking alone");
    handset.boot();
    handset.pass(60_000);
    check(!handset.isUnlocked, "nobody came; its files refuse whoever asks");
    pressArrives();
    handset.unlock();
    handset.pass(1_000);
    check(state().contains("\"hasCodes\":true"), state());
    same("OPEN", answered("unlock", OPEN));
  }

  void trialWhatAnEarlierVersionKeptInOnePlaceIsMovedOnceAndIsThereAfterARestart() throws IOException {
    keptByAnEarlierVersion();
    handset.replace();
    handset.pass(60_000);
    isMoved();
    handset.boot();
    handset.pass(60_000);
    pressArrives();
    handset.unlock();
    handset.pass(1_000);
    isMoved();
  }

  /** The newer version began before anybody unlocked the telephone: until then all is as the earlier one left it. */
  void trialANewerVersionThatStartsLockedHearsThePressAndMovesAtTheUnlock() throws IOException {
    keptByAnEarlierVersion();
    handset.boot();
    handset.pass(60_000);
    pressArrives();
    check(isIn(safe(), KEPT) && !hers().exists(), "nothing is moved to where nobody can write");
    handset.unlock();
    handset.pass(1_000);
    isMoved();
  }

  void trialEndedBetweenTheCopyAndTheRecordThatSaysSoItIsMovedAgainAndNothingIsLost() throws IOException {
    keptByAnEarlierVersion();
    keep(safe());
    handset.replace();
    handset.pass(60_000);
    handset.kill();
    phone.end();
    putBack(safe());
    check(isIn(safe(), KEPT) && isIn(hers(), KEPT), "in both places");
    handset.boot();
    handset.pass(60_000);
    pressArrives();
    handset.unlock();
    handset.pass(1_000);
    isMoved();
  }
}
