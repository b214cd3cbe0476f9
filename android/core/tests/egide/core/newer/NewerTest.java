package egide.core.newer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import egide.core.ports.Updates;
import egide.core.protocol.Bytes;
import egide.core.protocol.Keys;
import egide.core.time.PlayedLoop;
import egide.core.transport.Fetch;
import egide.core.transport.Http;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a newer version is looked for, what is offered of it, and what an alarm and a hostile host change. */
final class NewerTest implements Http, Fetch, Updates {
  private static final long HOUR_US = Newer.DAY_US / 24;

  @TempDir
  Path folder;

  private final PlayedLoop loop = new PlayedLoop(1_800_000_000_000_000L);
  private final List<String> asked = new ArrayList<>();
  private final List<String> said = new ArrayList<>();
  private int cancelled;
  private Waiting waiting;
  private Consumer<Boolean> fetched;
  private File target;
  private long bytes;
  private File own;
  private File handed;
  private Told told;
  private boolean isAtRest = true;
  private boolean refuses;
  private int givenUp;
  private double chance = 0.5;
  private Newer newer;

  @BeforeEach
  void begin() throws IOException {
    own = Files.write(folder.resolve("base.apk"), Apks.app(7)).toFile();
    started();
  }

  private void started() {
    Newer.Parts parts = new Newer.Parts(
        loop, this, this, this, folder.toFile(), () -> isAtRest, () -> chance, () -> {}, Newer.DAY_US);
    newer = new Newer(parts, "https://one/", List.of("https://one", "http://elsewhere", "https://two"));
  }

  /** The phone says that it lives, every quarter of an hour. */
  private void pass(long us) {
    for (long until = loop.steadyUs() + us; loop.steadyUs() < until; ) {
      loop.runUntil(loop.steadyUs() + HOUR_US / 4);
      newer.look();
      loop.run();
    }
  }

  private void answer(int status, String body) {
    Waiting now = waiting;
    waiting = null;
    now.onAnswer(status, Bytes.utf8(body));
    loop.run();
  }

  private static String saying(long versionCode, byte[] data) {
    return "{\"version_code\":" + versionCode + ",\"version\":\"x\",\"sha256\":\"" + Bytes.toHex(Keys.sha256(data))
        + "\",\"bytes\":" + data.length + "}";
  }

  private void come(byte[] data) {
    try {
      Files.write(target.toPath(), data);
    } catch (IOException error) {
      throw new IllegalStateException(error);
    }
    fetched.accept(data.length == bytes);
    loop.run();
  }

  /** What a host hands out, as it says it. */
  private void handOut(byte[] data, String saying) {
    pass(Newer.DAY_US * 5 / 4);
    answer(200, saying);
    if (fetched != null) {
      come(data);
    }
  }

  private void install() {
    newer.install(said::add);
    loop.run();
  }

  @Test
  void onceADayAtAnHourThatNobodyCouldTellAtTheKitsAddressesAlone() {
    pass(Newer.DAY_US / 2 - HOUR_US);
    assertEquals(List.of(), asked);
    pass(2 * HOUR_US);
    assertEquals(List.of("https://one/app/android/newest.json"), asked);
    answer(503, "");
    assertEquals("https://two/app/android/newest.json", asked.get(1));
    answer(200, saying(7, Apks.app(7)));
    pass(Newer.DAY_US - HOUR_US);
    assertEquals(2, asked.size());
    pass(2 * HOUR_US);
    assertEquals(3, asked.size());
    assertFalse(newer.isOffered());
  }

  @Test
  void whatIsNewerAndSignedByTheSameKeyIsOfferedAndHandedOverByHerWordAlone() throws IOException {
    byte[] app = Apks.app(8);
    handOut(app, saying(8, app));
    assertEquals("https://one/app/android/notes.apk", asked.get(1));
    assertTrue(newer.isOffered());
    assertEquals(null, handed);
    install();
    assertArrayEquals(app, Files.readAllBytes(handed.toPath()));
    told.onFailed();
    assertEquals(List.of("FAILED"), said);
    assertTrue(newer.isOffered(), "she may say it again");
    // The same is not fetched a second time.
    fetched = null;
    handOut(app, saying(8, app));
    assertEquals(null, fetched);
    assertTrue(newer.isOffered());
  }

  @Test
  void nothingElseIsEverOffered() {
    byte[] good = Apks.app(8);
    byte[] bent = good.clone();
    bent[40] ^= 1;
    List<byte[]> handedOut = List.of(
        Apks.app(6), Apks.app(7), Apks.app("local.daily.notes", 8, Apks.STRANGER), Apks.app("another.name", 8, Apks.AUTHORITY),
        bent, Bytes.slice(good, 0, 900), new byte[0], Bytes.utf8("<html>sign in</html>"));
    for (byte[] data : handedOut) {
      handOut(data, saying(8, data));
      assertFalse(newer.isOffered());
      handOut(data, saying(8, good));
      assertFalse(newer.isOffered());
    }
    // The right file under another number, and one that says less than it is.
    handOut(good, saying(9, good));
    assertFalse(newer.isOffered());
    for (String bad : List.of("", "[]", "{}", "null", saying(8, good).replace("\"bytes\":", "\"bytes\":9999999999"),
        saying(8, good).replace("\"bytes\":", "\"bytes\":-"), saying(8, good).replace("8,", "8.5,"), "{\"version_code\":8,\"sha256\":\"../x\",\"bytes\":4}")) {
      fetched = null;
      pass(Newer.DAY_US * 5 / 4);
      answer(200, bad);
      assertEquals(null, fetched, bad);
      assertFalse(newer.isOffered());
    }
    assertEquals(List.of("base.apk"), List.of(folder.toFile().list()), "nothing of it is kept");
  }

  @Test
  void inAnAlarmNothingIsAskedFetchedOfferedOrInstalled() {
    isAtRest = false;
    pass(3 * Newer.DAY_US);
    assertEquals(List.of(), asked);
    isAtRest = true;
    pass(Newer.DAY_US);
    assertEquals(1, asked.size());
    // It begins while the question is out: the answer is nobody's any more.
    isAtRest = false;
    newer.look();
    assertEquals(1, cancelled);
    answer(200, saying(8, Apks.app(8)));
    assertEquals(1, asked.size());
    isAtRest = true;
    pass(2 * HOUR_US);
    answer(200, saying(8, Apks.app(8)));
    isAtRest = false;
    newer.look();
    assertEquals(2, cancelled, "what was being fetched");
    come(Apks.app(8));
    isAtRest = true;
    assertFalse(newer.isOffered());
    byte[] app = Apks.app(8);
    handOut(app, saying(8, app));
    isAtRest = false;
    assertFalse(newer.isOffered());
    install();
    assertEquals(List.of("NOT_NOW"), said);
    assertEquals(null, handed);
    isAtRest = true;
    install();
    isAtRest = false;
    newer.look();
    assertEquals(1, givenUp, "the platform's question is taken back");
    assertEquals(List.of("NOT_NOW", "NOT_NOW"), said);
  }

  @Test
  void anAlarmWhileItIsHandedOverTakesItBackToo() {
    byte[] app = Apks.app(8);
    handOut(app, saying(8, app));
    newer.install(said::add);
    isAtRest = false;
    newer.look();
    loop.run();
    assertEquals(null, handed, "checked once more, and not handed over");
    assertEquals(List.of("NOT_NOW"), said);
  }

  @Test
  void overARestartItIsHeldAgainstTheAppThatIsThereThen() throws IOException {
    byte[] app = Apks.app(8);
    handOut(app, saying(8, app));
    started();
    pass(HOUR_US);
    assertTrue(newer.isOffered());
    // It was installed.
    Files.write(own.toPath(), app);
    started();
    pass(HOUR_US);
    assertFalse(newer.isOffered());
    assertEquals(List.of("base.apk"), List.of(folder.toFile().list()));
  }

  @Test
  void whatSomebodyChangedOnTheDiskIsNotHandedOver() throws IOException {
    byte[] app = Apks.app(8);
    handOut(app, saying(8, app));
    app[40] ^= 1;
    Files.write(folder.resolve("newer.apk"), app);
    install();
    assertEquals(List.of("FAILED"), said);
    assertEquals(null, handed);
    assertFalse(newer.isOffered());
  }

  @Test
  void whatWasWithdrawnIsOfferedNoMoreAndSilenceChangesNothing() {
    byte[] app = Apks.app(8);
    handOut(app, saying(8, app));
    pass(Newer.DAY_US * 5 / 4);
    waiting.onSilence();
    loop.run();
    answer(404, "");
    assertTrue(newer.isOffered(), "one of them said nothing");
    pass(2 * HOUR_US);
    answer(404, "");
    answer(404, "");
    assertFalse(newer.isOffered(), "and soon after both say that there is none");
  }

  @Test
  void aPlatformThatRefusesIsSaid() {
    byte[] app = Apks.app(8);
    handOut(app, saying(8, app));
    refuses = true;
    install();
    assertEquals(List.of("FAILED"), said);
    assertTrue(newer.isOffered());
  }

  // -- the platform and its roads -------------------------------------------------------------------------------

  @Override
  public Call ask(Request request, Waiting one) {
    assertEquals(null, request.body());
    asked.add(request.url());
    waiting = one;
    return () -> cancelled++;
  }

  @Override
  public Call fetch(String url, File file, long size, Consumer<Boolean> then) {
    asked.add(url);
    target = file;
    bytes = size;
    fetched = then;
    return () -> cancelled++;
  }

  @Override
  public File own() {
    return own;
  }

  @Override
  public boolean install(File file, Told one) {
    if (refuses) {
      return false;
    }
    handed = file;
    told = one;
    return true;
  }

  @Override
  public void giveUp() {
    givenUp++;
  }
}
