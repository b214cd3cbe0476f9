package egide.core.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import egide.core.phone.PlayedAir;
import egide.core.phone.PlayedRadio;
import egide.core.phone.PlayedSound;
import egide.core.phone.PlayedSurroundings;
import egide.core.phone.PlayedTexts;
import egide.core.ports.Keeper;
import egide.core.ports.Keys;
import egide.core.ports.Phone;
import egide.core.ports.Screen;
import egide.core.protocol.Bytes;
import egide.core.protocol.Enrolment;
import egide.core.protocol.Envelope;
import egide.core.protocol.EnvelopeError;
import egide.core.protocol.Fields;
import egide.core.protocol.Json;
import egide.core.protocol.JsonError;
import egide.core.protocol.Kind;
import egide.core.protocol.LinkFlag;
import egide.core.protocol.Message;
import egide.core.protocol.Settings;
import egide.core.protocol.SoftKey;
import egide.core.protocol.TextRoad;
import egide.core.rules.Rules;
import egide.core.time.PlayedLoop;
import egide.core.transport.Http;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The core as a platform sees it: enrolled from her page, pressed, restarted before anybody unlocked the phone. */
final class NativePhoneTest implements Http, Screen, Keys, Keeper {
  private static final String ADDRESS = "https://one";

  @TempDir
  Path temporary;

  private final PlayedLoop loop = new PlayedLoop(1_800_000_000_000_000L);
  private final PlayedSurroundings around = new PlayedSurroundings();
  private final List<byte[]> toButton = new ArrayList<>();
  private final List<Request> asked = new ArrayList<>();
  private final List<Waiting> waiting = new ArrayList<>();
  private final List<String> told = new ArrayList<>();
  private final List<NativePhone> lives = new ArrayList<>();
  private final List<Map<String, Object>> texted = new ArrayList<>();
  private final PlayedTexts network = new PlayedTexts(texted::add);
  private final PlayedSound sound = new PlayedSound(loop);
  private TextRoad texts;
  /** Null but in an app for trials. */
  private PlayedAir air;
  private PlayedRadio radio;
  private SoftKey hardware;
  /** The seed of a key that is not in hardware, as it was sealed; null when none was. */
  private byte[] seed;
  private byte mask = 0x5a;
  private boolean stays;

  private NativePhone started() {
    for (NativePhone former : lives) {
      former.end();
    }
    loop.forget();
    radio = new PlayedRadio(toButton::add);
    Phone.Platform platform = new Phone.Platform(folder(), loop, this, radio, air, around, sound, this, network, this);
    NativePhone phone = new NativePhone(platform, "1.0", this);
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

  private File folder() {
    return temporary.resolve("kit").toFile();
  }

  private NativePhone enrolled() {
    NativePhone phone = started();
    assertFalse(phone.isNeeded());
    enrol(phone);
    assertTrue(phone.isNeeded());
    return phone;
  }

  private void enrol(NativePhone phone) {
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

  private String left() throws IOException {
    return Bytes.toHex(Files.readAllBytes(temporary.resolve("kit/log")));
  }

  private List<Message> sent(Kind kind) throws EnvelopeError {
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

  private Fields state() throws JsonError {
    Fields last = null;
    for (String each : told) {
      Fields said = Json.readFields(Bytes.utf8(each));
      last = said.has("state") ? said.fields("state") : last;
    }
    return last;
  }

  @Test
  void aPhoneWithoutAKitKeepsNothingAndStartsNothing() throws JsonError {
    NativePhone phone = started();
    phone.ask("{\"what\":\"press\"}");
    phone.ask("{\"what\":\"state\"}");
    assertFalse(state().flag("isEnrolled"));
    assertFalse(stays);
    assertFalse(folder().exists());
    assertEquals(List.of(), asked);
  }

  @Test
  void itIsEnrolledFromHerPageAndAPressOnTheScreenIsSent() throws JsonError, EnvelopeError {
    NativePhone phone = enrolled();
    assertTrue(stays);
    assertTrue(state().flag("isEnrolled"));
    assertEquals(3000, state().number("holdMs"));
    phone.ask("{\"what\":\"press\"}");
    loop.run();
    assertEquals(1, sent(Kind.PRESS).size());
    assertEquals("stored", state().text("alarm"));
  }

  @Test
  void afterARestartItHearsTheButtonBeforeAnyPageAsks() throws EnvelopeError, JsonError {
    NativePhone phone = enrolled();
    phone.ask("{\"what\":\"press\"}");
    loop.run();
    asked.clear();
    NativePhone again = started();
    assertTrue(again.isNeeded());
    // What the earlier life left goes out at once, in the same bytes.
    assertEquals(1, sent(Kind.PRESS).size());
    radio.hear(Bytes.fromHex("0000"));
    loop.run();
    assertEquals(1, sent(Kind.NOTICE).size() + toButton.size());
  }

  @Test
  void theSeedIsNeverInTheFileAndOneThatAnotherPhoneSealedIsNone() throws IOException, JsonError {
    enrolled();
    assertEquals(SoftKey.SEED_BYTES, seed.length);
    assertFalse(left().contains(Bytes.toHex(seed)));
    mask = 0x33;
    NativePhone copied = started();
    copied.ask("{\"what\":\"press\"}");
    assertFalse(state().flag("isEnrolled"));
    assertTrue(state().flag("warns"));
    mask = 0x5a;
    started();
    assertTrue(state().flag("isEnrolled"));
  }

  @Test
  void whatCannotBeReadIsToldAndOnceItIsEnrolledAnewNothingBeginsASecondTime() throws IOException, JsonError {
    enrolled();
    Files.write(temporary.resolve("kit/server"), new byte[0]);
    NativePhone phone = started();
    assertFalse(state().flag("isEnrolled"));
    assertTrue(state().flag("warns"));
    enrol(phone);
    assertTrue(state().flag("isEnrolled"));
    assertFalse(state().flag("warns"));
    loop.runUntil(30_000_000);
    int before = asked.size();
    loop.runUntil(90_000_000);
    assertEquals(before, asked.size());
  }

  @Test
  void aKeyInHardwareSignsAndNoOtherIsMade() throws EnvelopeError, IOException {
    hardware = new SoftKey(new byte[32]);
    NativePhone phone = enrolled();
    phone.ask("{\"what\":\"press\"}");
    loop.run();
    Request last = asked.get(asked.size() - 1);
    assertTrue(Envelope.unwrap(last.body()).isSignedBy(hardware.publicKey()));
    assertNull(seed);
    assertTrue(left().contains(Bytes.toHex(hardware.publicKey())));
  }

  @Test
  void aPressThatNoServerTakesGoesByTextInTheSameBytesAlsoAfterARestart() {
    texts = new TextRoad("+32000", 16_161);
    NativePhone phone = enrolled();
    phone.ask("{\"what\":\"press\"}");
    loop.run();
    String press = Bytes.toHex(asked.get(asked.size() - 1).body());
    loop.runUntil(loop.steadyUs() + 4_000_000);
    assertEquals(List.of(Map.of("number", "+32000", "port", 16_161L, "data", press)), texted);
    started();
    loop.runUntil(loop.steadyUs() + 4_000_000);
    assertEquals(2, texted.size());
    assertEquals(press, texted.get(1).get("data"));
  }

  /** The flags of the newest sign of life; every server is busy. */
  private long flags() throws EnvelopeError {
    for (int times = 0; times < 4; times++) {
      List<Waiting> unanswered = new ArrayList<>(waiting);
      waiting.clear();
      for (Waiting each : unanswered) {
        each.onAnswer(503, Bytes.utf8("{}"));
      }
      loop.runUntil(loop.steadyUs() + Rules.LONGEST_PAUSE_US / 4);
    }
    List<Message> signs = sent(Kind.HEARTBEAT);
    return signs.get(signs.size() - 1).link() & (LinkFlag.AT_REST | LinkFlag.HELD_BACK);
  }

  @Test
  void aPhoneThatLiesStillForAnHourOrHoldsTheAppBackSaysSoWithItsNextSign() throws EnvelopeError {
    enrolled();
    loop.runUntil(loop.steadyUs() + 900_000_000);
    assertEquals(0, flags());
    around.restingMs = 3_600_000;
    loop.runUntil(loop.steadyUs() + 900_000_000);
    assertEquals(LinkFlag.AT_REST, flags());
    around.restingMs = 0;
    loop.hold(4_000_000_000L);
    loop.run();
    assertEquals(LinkFlag.HELD_BACK, flags());
  }

  private static final byte[] PRINTED = {0x0c, (byte) 0xef, (byte) 0xf6, 1, 2, 3};
  private static final int PRESS = 1, LONG_PRESS = 4;

  private void broadcast(long counter, int event) {
    air.say(PlayedAir.said(counter, event, PRINTED, new byte[16]));
    loop.run();
  }

  private String pairBroadcasting(NativePhone phone) {
    phone.ask("{\"what\":\"broadcasting\",\"address\":\"0C:EF:F6:01:02:03\"}");
    return told.get(told.size() - 1);
  }

  @Test
  void aButtonThatAnybodyCanFollowIsRefusedOutsideTrials() {
    NativePhone phone = enrolled();
    assertEquals("{\"answer\":{\"what\":\"broadcasting\",\"word\":\"FINDABLE\"}}", pairBroadcasting(phone));
  }

  @Test
  void inATrialAButtonThatOnlyBroadcastsIsHeardAndNothingOfItCountsTwiceAlsoAfterARestart() throws EnvelopeError {
    air = new PlayedAir();
    pairBroadcasting(enrolled());
    broadcast(7, PRESS);
    assertTrue(told.contains("{\"answer\":{\"what\":\"broadcasting\",\"word\":\"PAIRED\"}}"));
    broadcast(7, PRESS);
    broadcast(8, PRESS);
    assertEquals(0, sent(Kind.PRESS).size(), "a short touch happens in every pocket");
    broadcast(9, LONG_PRESS);
    broadcast(9, LONG_PRESS);
    assertEquals(1, sent(Kind.PRESS).size());
    started();
    assertEquals("0C:EF:F6:01:02:03", air.address);
    asked.clear();
    broadcast(9, LONG_PRESS);
    broadcast(8, LONG_PRESS);
    assertEquals(0, sent(Kind.PRESS).size(), "held back by somebody, and sent again");
    broadcast(10, LONG_PRESS);
    assertEquals(1, sent(Kind.PRESS).size());
  }

  @Test
  void aButtonOfAnotherKitOrWithoutAKeyOrOneThatIsNotHeardIsNotPaired() {
    air = new PlayedAir();
    NativePhone phone = enrolled();
    byte[] others = PlayedAir.said(7, LONG_PRESS, PRINTED, new byte[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    for (Map.Entry<String, byte[]> each :
        Map.of("NOT_OURS", others, "NOT_ENCRYPTED", new byte[] {0x40, 0x3a, 4}, "NOT_SUPPORTED", new byte[0]).entrySet()) {
      pairBroadcasting(phone);
      air.say(each.getValue());
      assertTrue(told.get(told.size() - 1).contains("\"" + each.getKey() + "\""), told.get(told.size() - 1));
      assertNull(air.address);
    }
    pairBroadcasting(phone);
    assertTrue(pairBroadcasting(phone).contains("\"BUSY\""));
    loop.runUntil(loop.steadyUs() + BroadcastPairing.WITHIN_US);
    assertTrue(told.get(told.size() - 1).contains("\"NOTHING\""));
    assertNull(air.address);
    pairBroadcasting(phone);
    assertEquals("0C:EF:F6:01:02:03", air.address);
  }

  @Test
  void whatAPageAsksThatNobodyUnderstandsChangesNothing() {
    NativePhone phone = enrolled();
    int before = asked.size();
    for (String bad : List.of("", "{", "[]", "{\"what\":7}", "{\"what\":\"fly\"}", "{\"what\":\"unlock\"}", "null",
        "{\"what\":\"codes\",\"own\":\"1\",\"threat\":\"2\"}", "{\"what\":\"answer\",\"word\":\"?\"}",
        "{\"what\":\"broadcasting\",\"address\":\"here\"}")) {
      phone.ask(bad);
    }
    loop.run();
    assertEquals(before, asked.size());
  }

  // -- the platform ---------------------------------------------------------------------------------------------

  @Override
  public Call ask(Request request, Waiting one) {
    asked.add(request);
    waiting.add(one);
    return () -> {};
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
}
