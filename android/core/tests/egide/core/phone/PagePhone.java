package egide.core.phone;

import egide.core.engine.NativePhone;
import egide.core.newer.Newer;
import egide.core.ports.Keys;
import egide.core.ports.Phone;
import egide.core.ports.Screen;
import egide.core.ports.Surroundings;
import egide.core.ports.Updates;
import egide.core.protocol.Bytes;
import egide.core.protocol.Fields;
import egide.core.protocol.Json;
import egide.core.protocol.JsonError;
import egide.core.time.ThreadLoop;
import egide.core.transport.UrlFetch;
import egide.core.transport.UrlHttp;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * The core as a platform sees it, as a process: real disk, network and time; its page and its radio are at the other end of
 * standard input and output, one object of JSON a line. What Android would say of the phone is said there too.
 *
 * Arguments: the folder of the kit, beside which what no press needs has its own; then, where a newer app may take its place, the file of its own, and the length of the day in
 * which it looks for one, in ms.
 */
public final class PagePhone implements Screen, Keys, Updates {
  private final PrintStream out;
  private final PlayedSurroundings around = new PlayedSurroundings();
  private final PipedRadio radio;
  private final PlayedTexts texts = new PlayedTexts(this::text);
  private final NativePhone phone;
  private final ThreadLoop loop;
  private final File own;
  private Told told;

  private PagePhone(String[] arguments, PrintStream out) {
    this.out = out;
    boolean isReplaced = arguments.length > 1;
    own = isReplaced ? new File(arguments[1]) : null;
    loop = new ThreadLoop(System::currentTimeMillis, () -> System.nanoTime() / 1_000_000, inMs -> {}, this::fail);
    radio = new PipedRadio(this::say);
    around.fix = null;
    around.mayLocate = false;
    around.mayListen = false;
    phone = new NativePhone(
        new Phone.Platform(
            new File(arguments[0]), loop, isNeeded -> {}, radio, null, around, new PlayedSound(loop), this,
            texts, isReplaced ? this : null, this),
        "0.1",
        new UrlHttp(loop),
        new UrlFetch(loop),
        isReplaced ? 1000 * Long.parseLong(arguments[2]) : Newer.DAY_US);
  }

  public static void main(String[] arguments) throws IOException, JsonError {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    PagePhone page = new PagePhone(arguments, out);
    page.loop.start();
    page.loop.soon(page.phone::start);
    // Somebody has: her page is there.
    page.loop.soon(() -> page.phone.onUnlocked(new File(arguments[0] + "-hers")));
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      Fields said = Json.readFields(Bytes.utf8(line));
      page.loop.soon(() -> page.hear(said));
    }
    System.exit(0);
  }

  private void hear(Fields said) {
    try {
      if (said.has("ask")) {
        phone.ask(said.text("ask"));
      } else if (said.has("takes_texts")) {
        texts.accepts = said.flag("takes_texts");
      } else if (said.has("refused")) {
        told.onFailed();
      } else if (said.has("radio")) {
        radio.hear(said.text("radio"), said);
      } else {
        around.mayLocate = said.flag("may_locate");
        around.mayListen = said.flag("may_listen");
        around.fix = new Surroundings.Fix(
            (int) said.number("lat_e7"), (int) said.number("lon_e7"), said.number("accuracy_m"), 0, true);
        phone.onChanged();
      }
    } catch (JsonError error) {
      fail(error);
    }
  }

  private void fail(Throwable error) {
    error.printStackTrace();
    System.exit(1);
  }

  private void say(Map<String, Object> said) {
    synchronized (out) {
      out.println(Json.write(said));
    }
  }

  private void text(Map<String, Object> facts) {
    say(Map.of("texts", facts));
  }

  // -- the platform ---------------------------------------------------------------------------------------------

  @Override
  public void tell(String json) {
    say(Map.of("tell", json));
  }

  @Override
  public void vibrate(long[] pattern) {
    say(Map.of("vibrates", (long) pattern.length));
  }

  @Override
  public File own() {
    return own;
  }

  @Override
  public boolean install(File newer, Told told) {
    this.told = told;
    say(Map.of("install", newer.getPath()));
    return true;
  }

  @Override
  public void giveUp() {
    say(Map.of("install", ""));
  }

  /** Hardware is played: the disk has the key as it is. */
  @Override
  public byte[] seal(byte[] plain, String label) {
    return plain;
  }

  @Override
  public byte[] open(byte[] sealed, String label) {
    return sealed;
  }

  @Override
  public byte[] signingKey() {
    return null;
  }

  @Override
  public byte[] sign(byte[] message) {
    throw new IllegalStateException("no key in hardware");
  }
}
