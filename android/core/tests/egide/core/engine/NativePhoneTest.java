package egide.core.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import egide.core.newer.Apks;
import egide.core.phone.PlayedAir;
import egide.core.protocol.Bytes;
import egide.core.protocol.Envelope;
import egide.core.protocol.EnvelopeError;
import egide.core.protocol.JsonError;
import egide.core.protocol.Keys;
import egide.core.protocol.Kind;
import egide.core.protocol.Sms;
import egide.core.protocol.SoftKey;
import egide.core.protocol.TextRoad;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The core as a platform sees it: enrolled from her page, pressed, restarted before anybody unlocked the phone. */
final class NativePhoneTest extends PlayedPlatform {
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
  void aCodeIsCalledWrongByAServerThatLookedAtItAlone() throws JsonError {
    NativePhone phone = started();
    int[] said = {503, 502, 429, 404};
    String[] words = {"OFFLINE", "OFFLINE", "OFFLINE", "REFUSED"};
    for (int at = 0; at < said.length; at++) {
      phone.ask("{\"what\":\"enrol\",\"server\":\"" + ADDRESS + "\",\"code\":\"7KQM-2XVD\"}");
      waiting.get(at).onAnswer(said[at], new byte[0]);
      loop.run();
      assertEquals("{\"answer\":{\"what\":\"enrol\",\"word\":\"" + words[at] + "\"}}", told.get(told.size() - 1));
    }
    enrol(phone);
    assertTrue(state().flag("isEnrolled"));
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
    assertTrue(state().flag("isLost"));
    mask = 0x5a;
    started();
    assertTrue(state().flag("isEnrolled"));
  }

  @Test
  void whatCannotBeReadIsToldAndOnceItIsEnrolledAnewNothingBeginsASecondTime() throws IOException, JsonError {
    enrolled();
    Path server = temporary.resolve("kit/server");
    Files.delete(server);
    Files.createDirectory(server);
    NativePhone phone = started();
    assertFalse(state().flag("isEnrolled"));
    assertTrue(state().flag("isLost"));
    Files.delete(server);
    enrol(phone);
    assertTrue(state().flag("isEnrolled"));
    assertFalse(state().flag("isLost"));
    loop.runUntil(30_000_000);
    int before = asked.size();
    loop.runUntil(90_000_000);
    assertEquals(before, asked.size());
  }

  @Test
  void anAddressThatWasDamagedLosesNothing() throws IOException, JsonError, EnvelopeError {
    enrolled().ask("{\"what\":\"press\"}");
    for (String left : List.of("", "\0\0\0\0", "ht\0ps://one")) {
      Files.write(temporary.resolve("kit/server"), Bytes.utf8(left));
      asked.clear();
      NativePhone phone = started();
      assertTrue(phone.isNeeded());
      assertTrue(state().flag("isEnrolled"));
      assertEquals(1, sent(Kind.PRESS).size(), "what waited goes out");
      assertEquals("https://two/v1/messages", asked.get(0).url());
    }
  }

  @Test
  void aStoreThatNoLongerKnowsItsKitSaysSoAndCanBeSetUpAgain() throws IOException, JsonError {
    enrolled();
    lives.get(0).end();
    Files.write(temporary.resolve("kit/log"), new byte[100_000]);
    NativePhone phone = started();
    assertFalse(state().flag("isEnrolled"));
    assertTrue(state().flag("isLost"), "there was a kit here");
    enrol(phone);
    assertTrue(state().flag("isEnrolled"));
    assertFalse(state().flag("isLost"));
  }

  @Test
  void aFloodOfFramesOfAnotherKeyIsOneNoticeAnHourAndHoldsUpNoPressAlsoOnceTheClockIsSetBack()
      throws EnvelopeError, IOException {
    enrolled();
    Random chance = new Random(7);
    for (int each = 0; each < 10_000; each++) {
      byte[] frame = new byte[19];
      chance.nextBytes(frame);
      frame[0] = 1;
      radio.hear(frame);
    }
    loop.run();
    assertEquals(1, keptNotices());
    radio.hear(pressed(1));
    loop.run();
    assertEquals(1, sent(Kind.PRESS).size());
    loop.jump(-10L * 365 * 86_400 * 1_000_000);
    radio.hear(new byte[19]);
    radio.hear(pressed(2));
    loop.run();
    assertEquals(2, keptNotices(), "not held back for ten years");
    assertEquals(2, sent(Kind.PRESS).size());
  }

  @Test
  void aTestThatWasArmedBeforeTheClockWasSetBackIsShownAsOverAndThePressIsReal() throws JsonError, EnvelopeError {
    NativePhone phone = enrolled();
    phone.ask("{\"what\":\"test\"}");
    assertEquals("armed", state().text("test"));
    loop.jump(-10L * 365 * 86_400 * 1_000_000);
    phone.ask("{\"what\":\"state\"}");
    assertEquals("none", state().text("test"));
    phone.ask("{\"what\":\"press\"}");
    loop.run();
    assertEquals(1, sent(Kind.PRESS).size());
    assertEquals(0, sent(Kind.TEST).size());
  }

  /** How often the zone is told of frames that were refused. */
  private int keptNotices() throws IOException {
    return left().split(Bytes.toHex(Bytes.utf8("button-frame-refused")), -1).length - 1;
  }

  /** Of the kit's button, whose key is zeros here. */
  private static byte[] pressed(long counter) {
    byte[] fields = Bytes.joined(new byte[] {1, 1}, Bytes.littleEndian(counter, 4), new byte[] {0, 8, 0, 0, 90});
    return Bytes.joined(fields, Bytes.slice(mac("egide-b1", fields), 0, 8));
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

  @Test
  void aPressThatNoNetworkTakesEitherIsOfferedToHerAsTwoTextsUntilAServerSigns() throws JsonError {
    texts = new TextRoad("+32000", 16_161);
    network.accepts = false;
    NativePhone phone = enrolled();
    phone.ask("{\"what\":\"press\"}");
    loop.run();
    assertEquals("", state().text("smsLinks"));
    byte[] press = asked.get(asked.size() - 1).body();
    loop.runUntil(loop.steadyUs() + 4_000_000);
    List<String> links = new ArrayList<>();
    for (String text : Sms.texts(press)) {
      links.add(Sms.link("+32000", text));
    }
    assertEquals(String.join(" ", links), state().text("smsLinks"));
    started();
    loop.runUntil(loop.steadyUs() + 4_000_000);
    assertEquals(String.join(" ", links), state().text("smsLinks"));
  }

  /** Answers whatever is asked, as an installation does that hands out version 8; a day has an hour here. */
  private void aDayPasses() {
    for (int times = 0; times < 6; times++) {
      loop.runUntil(loop.steadyUs() + 900_000_000);
      List<Waiting> unanswered = new ArrayList<>(waiting);
      waiting.clear();
      for (Waiting each : unanswered) {
        each.onAnswer(200, Bytes.utf8("{\"version_code\":8,\"sha256\":\"" + Bytes.toHex(Keys.sha256(handedOut)) + "\",\"bytes\":"
            + handedOut.length + "}"));
      }
      loop.run();
    }
  }

  @Test
  void aNewerAppIsOfferedAtRestAloneAndAPressTakesItBack() throws IOException, JsonError, EnvelopeError {
    Files.write(own().toPath(), Apks.app(7));
    handedOut = Apks.app(8);
    dayUs = 3_600_000_000L;
    NativePhone phone = enrolled();
    assertFalse(state().flag("hasUpdate"));
    aDayPasses();
    phone.ask("{\"what\":\"state\"}");
    assertTrue(state().flag("hasUpdate"));
    phone.ask("{\"what\":\"install\"}");
    loop.run();
    assertArrayEquals(handedOut, Files.readAllBytes(handed.toPath()));
    phone.ask("{\"what\":\"press\"}");
    loop.run();
    assertNull(handed, "the platform's question is gone");
    assertFalse(state().flag("hasUpdate"));
    assertTrue(told.contains("{\"answer\":{\"what\":\"install\",\"word\":\"NOT_NOW\"}}"));
    int before = asked.size();
    aDayPasses();
    assertFalse(asked.subList(before, asked.size()).stream().anyMatch(each -> each.url().contains("/app/")), "none with a press unsent");
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
}
