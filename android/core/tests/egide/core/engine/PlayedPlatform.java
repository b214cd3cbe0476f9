package egide.core.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import egide.core.newer.Newer;
import egide.core.phone.PlayedAir;
import egide.core.phone.PlayedRadio;
import egide.core.phone.PlayedSound;
import egide.core.phone.PlayedSurroundings;
import egide.core.phone.PlayedTexts;
import egide.core.ports.Keeper;
import egide.core.ports.Keys;
import egide.core.ports.Phone;
import egide.core.ports.Screen;
import egide.core.ports.Updates;
import egide.core.protocol.Bytes;
import egide.core.protocol.Enrolment;
import egide.core.protocol.Envelope;
import egide.core.protocol.EnvelopeError;
import egide.core.protocol.Fields;
import egide.core.protocol.Json;
import egide.core.protocol.JsonError;
import egide.core.protocol.Kind;
import egide.core.protocol.Message;
import egide.core.protocol.Settings;
import egide.core.protocol.SoftKey;
import egide.core.protocol.TextRoad;
import egide.core.time.PlayedLoop;
import egide.core.transport.Fetch;
import egide.core.transport.Http;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.macs.CMac;
import org.bouncycastle.crypto.params.KeyParameter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** A platform whose every state a test sets, and the core on it. */
abstract class PlayedPlatform implements Http, Fetch, Screen, Keys, Keeper, Updates {
  static final String ADDRESS = "https://one";

  @TempDir
  Path temporary;

  final PlayedLoop loop = new PlayedLoop(1_800_000_000_000_000L);
  final PlayedSurroundings around = new PlayedSurroundings();
  final List<byte[]> toButton = new ArrayList<>();
  final List<Request> asked = new ArrayList<>();
  final List<Waiting> waiting = new ArrayList<>();
  final List<String> told = new ArrayList<>();
  final List<NativePhone> lives = new ArrayList<>();
  final List<Map<String, Object>> texted = new ArrayList<>();
  final PlayedTexts network = new PlayedTexts(texted::add);
  final PlayedSound sound = new PlayedSound(loop);
  TextRoad texts;
  /** Null but in an app for trials. */
  PlayedAir air;
  PlayedRadio radio;
  SoftKey hardware;
  /** The seed of a key that is not in hardware, as it was sealed; null when none was. */
  byte[] seed;
  byte mask = 0x5a;
  boolean stays;
  /** So often it looks for a newer app. */
  long dayUs = Newer.DAY_US;
  /** The newer app that the host hands out, and the one that the platform was given. */
  byte[] handedOut = {};
  File handed;

  NativePhone started() {
    for (NativePhone former : lives) {
      former.end();
    }
    loop.forget();
    radio = new PlayedRadio(toButton::add);
    Phone.Platform platform = new Phone.Platform(folder(), loop, this, radio, air, around, sound, this, network, this, this);
    NativePhone phone = new NativePhone(platform, "1.0", this, this, dayUs);
    lives.add(phone);
    phone.start();
    loop.run();
    return phone;
  }

  @AfterEach
  void end() {
    for (NativePhone each : lives) {
      each.end();
    }
  }

  File folder() {
    return temporary.resolve("kit").toFile();
  }

  NativePhone enrolled() {
    NativePhone phone = started();
    assertFalse(phone.isNeeded());
    enrol(phone);
    assertTrue(phone.isNeeded());
    return phone;
  }

  void enrol(NativePhone phone) {
    int before = asked.size();
    phone.ask("{\"what\":\"enrol\",\"server\":\"" + ADDRESS + "\",\"code\":\"7KQM-2XVD\"}");
    assertEquals(ADDRESS + "/v1/enrolments", asked.get(before).url());
    Settings settings = Settings.inReply("{\"version\":1,\"hold_ms\":3000}");
    byte[] serverKey = new SoftKey(new byte[32]).publicKey();
    Enrolment reply =
        new Enrolment("", "kit", "button", new byte[16], serverKey, List.of("https://two"), settings, texts);
    waiting.get(before).onAnswer(201, reply.written());
    loop.run();
  }

  String left() throws IOException {
    return Bytes.toHex(Files.readAllBytes(temporary.resolve("kit/log")));
  }

  List<Message> sent(Kind kind) throws EnvelopeError {
    List<Message> sent = new ArrayList<>();
    for (Request each : asked) {
      if (each.url().endsWith("/v1/messages")) {
        Message message = Envelope.unwrap(each.body()).read();
        if (message.kind() == kind) {
          sent.add(message);
        }
      }
    }
    return sent;
  }

  Fields state() throws JsonError {
    Fields last = null;
    for (String each : told) {
      Fields said = Json.readFields(Bytes.utf8(each));
      last = said.has("state") ? said.fields("state") : last;
    }
    return last;
  }

  // -- the platform ---------------------------------------------------------------------------------------------

  @Override
  public Call ask(Request request, Waiting one) {
    asked.add(request);
    waiting.add(one);
    return () -> {};
  }

  /** What comes is whole. */
  @Override
  public Call fetch(String url, File target, long bytes, Consumer<Boolean> then) {
    try {
      Files.write(target.toPath(), handedOut);
    } catch (IOException error) {
      throw new IllegalStateException(error);
    }
    loop.soon(() -> then.accept(handedOut.length == bytes));
    return () -> {};
  }

  @Override
  public File own() {
    return temporary.resolve("base.apk").toFile();
  }

  @Override
  public boolean install(File newer, Told told) {
    handed = newer;
    return true;
  }

  @Override
  public void giveUp() {
    handed = null;
  }

  @Override
  public void tell(String json) {
    told.add(json);
  }

  @Override
  public void vibrate(long[] pattern) {}

  @Override
  public byte[] seal(byte[] plain, String label) {
    seed = plain;
    byte[] sealed = Bytes.joined(plain, new byte[] {mask});
    for (int at = 0; at < plain.length; at++) {
      sealed[at] ^= mask;
    }
    return sealed;
  }

  @Override
  public byte[] open(byte[] sealed, String label) {
    if (sealed[sealed.length - 1] != mask) {
      throw new IllegalStateException("another phone");
    }
    byte[] plain = Bytes.slice(sealed, 0, sealed.length - 1);
    for (int at = 0; at < plain.length; at++) {
      plain[at] ^= mask;
    }
    return plain;
  }

  @Override
  public byte[] signingKey() {
    return hardware == null ? null : hardware.publicKey();
  }

  @Override
  public byte[] sign(byte[] message) {
    return hardware.sign(message);
  }

  @Override
  public void stay(boolean isNeeded) {
    stays = isNeeded;
  }

  /** What the other side of the kit's key, all zeros here, makes of these words. */
  static byte[] mac(String word, byte[]... parts) {
    CMac cmac = new CMac(AESEngine.newInstance());
    cmac.init(new KeyParameter(new byte[16]));
    byte[] said = Bytes.joined(Bytes.utf8(word), Bytes.joined(parts));
    cmac.update(said, 0, said.length);
    byte[] mac = new byte[16];
    cmac.doFinal(mac, 0);
    return mac;
  }
}
