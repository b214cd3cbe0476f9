package egide.core.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import egide.core.protocol.Bytes;
import egide.core.protocol.Cbor;
import egide.core.protocol.Fields;
import egide.core.protocol.Frame;
import egide.core.protocol.Json;
import egide.core.protocol.JsonError;
import egide.core.protocol.Opening;
import egide.core.protocol.SigningKey;
import egide.core.protocol.SoftKey;
import egide.core.store.KeyMaker;
import egide.core.store.PhoneStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What her page asks, and that it always hears what became of it. */
final class AskedTest extends PlayedPlatform {
  private static final String OWN = "246824", THREAT = "135713";

  private List<String> answers(String what) throws JsonError {
    List<String> words = new ArrayList<>();
    for (String each : told) {
      Fields said = Json.readFields(Bytes.utf8(each));
      if (said.has("answer") && said.fields("answer").text("what").equals(what)) {
        words.add(said.fields("answer").text("word"));
      }
    }
    return words;
  }

  private void ask(NativePhone phone, String what, String... facts) {
    StringBuilder question = new StringBuilder("{\"what\":\"" + what + "\"");
    for (int at = 0; at < facts.length; at += 2) {
      question.append(",\"" + facts[at] + "\":\"" + facts[at + 1] + "\"");
    }
    phone.ask(question + "}");
    loop.run();
  }

  /** The server's half for each code that is asked about from `from` on, and whatever else is asked stays open. */
  private void open(int from) {
    for (int at = from; at < asked.size(); at++) {
      if (asked.get(at).url().endsWith("/v1/openings")) {
        waiting.get(at).onAnswer(201, Bytes.utf8("{\"part\":\"" + Bytes.toBase64url(new byte[32]) + "\"}"));
        loop.run();
      }
    }
  }

  private NativePhone withCodes() throws JsonError {
    NativePhone phone = enrolled();
    int before = asked.size();
    ask(phone, "codes", "own", OWN, "threat", THREAT);
    open(before);
    assertEquals(List.of("CHOSEN"), answers("codes"));
    return phone;
  }

  @Test
  void codesThatCannotBeAreRefusedWithTheReasonAndNothingIsChosen() throws JsonError {
    NativePhone phone = enrolled();
    int before = asked.size();
    ask(phone, "codes", "own", "1", "threat", THREAT);
    ask(phone, "codes", "own", OWN, "threat", "12ab");
    ask(phone, "codes", "own", OWN, "threat", OWN);
    assertEquals(List.of("SHORT", "SHORT", "SAME"), answers("codes"));
    assertEquals(before, asked.size());
    assertFalse(state().flag("hasCodes"));
  }

  @Test
  void codesAreChosenOnceAndAgainOnlyOnAnOpenPage() throws JsonError {
    NativePhone phone = withCodes();
    assertTrue(state().flag("hasCodes"));
    ask(phone, "leave");
    ask(phone, "codes", "own", THREAT, "threat", OWN);
    assertEquals(List.of("CHOSEN", "LOCKED"), answers("codes"));
  }

  @Test
  void whatIsChosenWhileCodesAreIsKeptWithThem() throws JsonError {
    NativePhone phone = enrolled();
    int before = asked.size();
    ask(phone, "codes", "own", OWN, "threat", THREAT);
    phone.ask("{\"what\":\"vibrates\",\"is\":true}");
    loop.run();
    open(before);
    assertEquals(List.of("CHOSEN"), answers("codes"));
    assertTrue(state().flag("vibrates"));
    started();
    assertTrue(state().flag("vibrates"));
  }

  /** With codes, which lie where only an unlocked telephone reads them; switched off. */
  private void withCodesIn(Path hers) throws IOException, JsonError {
    enrolled();
    end();
    byte[] part = new byte[1];
    KeyMaker looking = new KeyMaker() {
      @Override
      public byte[] fresh() {
        throw new AssertionError("there is a key");
      }

      @Override
      public SigningKey open(byte[] kept) {
        return new SoftKey(new byte[SoftKey.SEED_BYTES]);
      }
    };
    try (PhoneStore store = PhoneStore.open(folder().toPath().resolve("log"), looking)) {
      store.doUnlock(hers.resolve("log"));
      store.doSetCodes(Cbor.encode(Arrays.asList(new byte[Opening.SALT_BYTES], part, part, part, part)), store.choices());
    }
  }

  @Test
  void codesThatCannotBeReadYetAreNotCalledWrongNorChosenAnewAndAreLookedForAgain() throws IOException, JsonError {
    Path hers = temporary.resolve("hers"), aside = temporary.resolve("aside");
    withCodesIn(hers);
    NativePhone phone = started();
    assertTrue(state().flag("hasCodes"));
    ask(phone, "unlock", "code", OWN);
    ask(phone, "codes", "own", OWN, "threat", THREAT);
    Files.move(hers, aside);
    Files.write(hers, new byte[1]);
    phone.onUnlocked(hers.toFile());
    ask(phone, "unlock", "code", OWN);
    assertEquals(List.of("OFFLINE", "OFFLINE"), answers("unlock"));
    assertEquals(List.of("LOCKED"), answers("codes"));
    Files.delete(hers);
    Files.move(aside, hers);
    loop.runUntil(60_000_000);
    int before = asked.size();
    ask(phone, "unlock", "code", OWN);
    assertTrue(asked.get(before).url().endsWith("/v1/openings"));
  }

  @Test
  void aServerThatGivesNoHalfIsToldFromOneThatWasAskedTooOften() throws JsonError {
    NativePhone phone = enrolled();
    for (int status : new int[] {503, 429}) {
      int before = asked.size();
      ask(phone, "codes", "own", OWN, "threat", THREAT);
      for (int at = before; at < asked.size(); at++) {
        waiting.get(at).onAnswer(status, Bytes.utf8("{\"reason\":\"no\"}"));
        loop.run();
      }
    }
    assertEquals(List.of("OFFLINE", "OFTEN"), answers("codes"));
  }

  @Test
  void withoutAKitWhoeverWaitsIsAnswered() throws JsonError {
    NativePhone phone = started();
    ask(phone, "unlock", "code", OWN);
    ask(phone, "pair");
    assertEquals(List.of("NO_KIT"), answers("unlock"));
    assertEquals(List.of("NO_KIT"), answers("pair"));
    assertEquals(List.of(), asked);
  }

  @Test
  void anAddressWithoutEncryptionIsNotAskedAndASecondKitIsRefused() throws JsonError {
    NativePhone phone = started();
    ask(phone, "enrol", "server", "http://one.example", "code", "7KQM-2XVD");
    assertEquals(List.of("UNTRUSTED"), answers("enrol"));
    assertEquals(List.of(), asked);
    enrol(phone);
    int before = asked.size();
    ask(phone, "enrol", "server", ADDRESS, "code", "7KQM-2XVE");
    assertEquals(List.of("UNTRUSTED", "ENROLLED", "REFUSED"), answers("enrol"));
    assertEquals(before, asked.size());
  }

  @Test
  void aButtonIsLinkedAndWordForTheZoneIsKeptAtOnce() throws JsonError {
    NativePhone phone = enrolled();
    radio.pairingFails = "not-ours";
    ask(phone, "pair");
    radio.pairingFails = "";
    loop.runUntil(120_000_000);
    ask(phone, "pair");
    assertEquals(List.of("not-ours", "PAIRED"), answers("pair"));
    assertTrue(state().flag("isPaired"));
    assertEquals(1_800_000_120_000L, state().number("checkedAtMs"));
  }

  @Test
  void aTestIsArmedMadeByTheButtonAndOverWhenThePageIsLeft() throws JsonError {
    NativePhone phone = enrolled();
    ask(phone, "test");
    assertEquals("armed", state().text("test"));
    assertEquals(120_000, state().number("testUntilMs") - 1_800_000_000_000L);
    loop.runUntil(5_000_000);
    radio.hear(frame(1));
    loop.run();
    assertEquals("made", state().text("test"));
    assertEquals(1_800_000_005_000L, state().number("buttonHeardAtMs"));
    ask(phone, "test");
    ask(phone, "leave");
    assertEquals("none", state().text("test"));
    loop.runUntil(10_000_000);
    radio.hear(frame(2));
    loop.run();
    assertEquals("stored", state().text("alarm"));
    assertTrue(state().flag("showsAlarm"));
  }

  @Test
  void whenTheButtonWasHeardOutlivesTheProcessAlsoWhereNobodyAnswered() throws JsonError {
    enrolled();
    loop.runUntil(5_000_000);
    radio.hear(frame(1));
    loop.run();
    started();
    assertEquals(1_800_000_005_000L, state().number("buttonHeardAtMs"));
  }

  @Test
  void whatStandsInTheWayIsTold() throws JsonError {
    NativePhone phone = enrolled();
    assertEquals(1_800_000_000_000L, state().number("checkedAtMs"));
    int before = asked.size();
    ask(phone, "press");
    for (int at = before; at < asked.size(); at++) {
      waiting.get(at).onAnswer(401, Bytes.utf8("{\"reason\":\"unknown\"}"));
    }
    loop.run();
    assertEquals("refused", state().text("trouble"));
    assertTrue(state().flag("saysTrouble"));
    assertTrue(state().isNull("provedAtMs"));
  }

  @Test
  void whatStandsInTheWayOfAnEarlierLifesPressIsSaidInFrontOfTheCode() throws JsonError {
    ask(withCodes(), "press");
    NativePhone later = started();
    assertEquals("stored", state().text("alarm"));
    assertTrue(state().flag("saysTrouble"));
    assertFalse(state().flag("showsAlarm"));
    int before = asked.size();
    ask(later, "cancel", "code", OWN);
    open(before);
    ask(later, "state");
    assertFalse(state().flag("saysTrouble"));
  }

  /** A press of the kit's button, whose key is all zeros here. */
  private static byte[] frame(int counter) {
    byte[] fields = {1, 1, (byte) counter, 0, 0, 0, (byte) 0xd0, 7, 0, 0, 80};
    return Bytes.joined(fields, Arrays.copyOf(PlayedPlatform.mac("egide-b1", fields), Frame.NONCE_BYTES));
  }
}
