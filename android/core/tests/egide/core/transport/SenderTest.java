package egide.core.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import egide.core.protocol.Bytes;
import egide.core.protocol.Enrolment;
import egide.core.protocol.Json;
import egide.core.protocol.Keys;
import egide.core.protocol.Pinned;
import egide.core.protocol.Receipt;
import egide.core.protocol.Settings;
import egide.core.protocol.SigningKey;
import egide.core.protocol.SoftKey;
import egide.core.time.PlayedLoop;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Servers that are silent, refuse, lie or only keep: the same bytes to each in turn, until a receipt verifies. */
final class SenderTest implements Http {
  private static final byte[] ENVELOPE = Bytes.utf8("an envelope");
  private static final SigningKey SERVER = new SoftKey(new byte[32]);
  private static final SigningKey LATER = new SoftKey(Keys.sha256(new byte[1]));
  private static final SigningKey STRANGER = new SoftKey(Keys.sha256(new byte[2]));

  /** What was asked and not yet answered. */
  private record Asked(Request request, Waiting waiting) {}

  private final PlayedLoop loop = new PlayedLoop(1_800_000_000_000_000L);
  private final List<Asked> open = new ArrayList<>();
  private final List<String> asked = new ArrayList<>();
  private final List<String> ended = new ArrayList<>();
  private final List<Pinned> kept = new ArrayList<>();
  private final Sender sender = new Sender(loop, this, List.of("https://a/", "https://b"));

  SenderTest() {
    byte[] key = SERVER.publicKey();
    Settings settings = Settings.inReply("{\"version\":1}");
    Enrolment enrolment = new Enrolment(
        "", "", "", new byte[16], key, List.of("https://b", "http://far", "https://c"), settings, null);
    assertEquals(List.of("http://far"), sender.trust(enrolment, new byte[0], kept::add));
  }

  @Override
  public Call ask(Request request, Waiting waiting) {
    Asked one = new Asked(request, waiting);
    asked.add(request.url());
    open.add(one);
    return () -> open.remove(one);
  }

  private void send() {
    sender.send(ENVELOPE, new Outcome<Receipt>() {
      @Override
      public void onAnswer(Receipt receipt) {
        ended.add(receipt.state());
      }

      @Override
      public void onRefusal(int status, String reason) {
        ended.add(status + " " + reason);
      }

      @Override
      public void onLater(int status, String reason, long waitUs) {
        ended.add(status + " " + reason + " " + waitUs);
      }

      @Override
      public void onUnreachable() {
        ended.add("unreachable");
      }
    });
  }

  private Waiting take(String server) {
    for (Asked each : open) {
      if (each.request.url().startsWith("https://" + server + "/")) {
        open.remove(each);
        return each.waiting;
      }
    }
    throw new AssertionError(server + " was not asked: " + asked);
  }

  private static byte[] receipt(SigningKey key, String state, Object... pending) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("seq", 1L);
    fields.put("alarm", "k-1");
    fields.put("received_at", 5L);
    fields.put("state", state);
    fields.put("next_counter", 2L);
    fields.put("pending", List.of(pending));
    try {
      Receipt unsigned = Receipt.read(Bytes.utf8(Json.write(fields)));
      byte[] statement = unsigned.statement(Keys.sha256(ENVELOPE));
      fields.put("signature", Bytes.toBase64url(key.sign(statement)));
    } catch (egide.core.protocol.JsonError error) {
      throw new AssertionError(error);
    }
    return Bytes.utf8(Json.write(fields));
  }

  private static String link(SigningKey key, SigningKey following) {
    byte[] statement = Bytes.joined(Bytes.utf8("egide-receipt-key-1\0"), key.publicKey(), following.publicKey());
    return Bytes.toBase64url(Bytes.joined(following.publicKey(), key.sign(statement)));
  }

  @Test
  void theAddressThatAnsweredLastIsAskedFirst() {
    send();
    take("a").onSilence();
    take("b").onAnswer(201, receipt(SERVER, "received"));
    send();
    take("b").onAnswer(201, receipt(SERVER, "acknowledged"));
    assertEquals(List.of("received", "acknowledged"), ended);
    assertEquals(List.of("https://a/v1/messages", "https://b/v1/messages", "https://b/v1/messages"), asked);
  }

  @Test
  void oneThatIsSilentForASecondAndAHalfIsNotWaitedForAlone() {
    send();
    loop.runUntil(1_499_999);
    assertEquals(1, asked.size());
    loop.runUntil(1_500_000);
    assertEquals(2, asked.size());
    loop.runUntil(10_000_000);
    assertEquals(3, asked.size());
    // The first may still answer; nobody waits for the others then.
    take("a").onAnswer(201, receipt(SERVER, "received"));
    assertEquals(List.of("received"), ended);
    assertEquals(List.of(), open);
  }

  @Test
  void whoRefusesOrLiesIsFollowedByTheNextAtOnce() {
    send();
    take("a").onAnswer(401, Bytes.utf8("{\"reason\":\"unknown-key\"}"));
    take("b").onAnswer(201, receipt(STRANGER, "received"));
    take("c").onAnswer(302, new byte[0]);
    // The stranger's chain of keys is looked at before anybody gives up.
    take("b").onAnswer(200, Bytes.utf8("{\"keys\":[\"" + link(STRANGER, STRANGER) + "\"]}"));
    assertEquals(List.of("302 "), ended);
    assertEquals("https://b/v1/receipt-keys", asked.get(3));
    assertEquals(List.of(), kept);
  }

  @Test
  void whereNobodyAnswersItIsUnreachable() {
    send();
    take("a").onSilence();
    take("b").onSilence();
    take("c").onSilence();
    assertEquals(List.of("unreachable"), ended);
  }

  @Test
  void whoLimitsIsFollowedByTheNextAtOnceAndTheLimitThatPassesFirstCounts() {
    byte[] said = Bytes.utf8("{\"reason\":\"too-many\"}");
    send();
    take("a").onAnswer(429, said, "7");
    take("b").onAnswer(201, receipt(SERVER, "received"));
    send();
    take("b").onAnswer(429, said, "7");
    take("c").onAnswer(404, new byte[0]);
    take("a").onAnswer(429, said, "3");
    send();
    take("b").onAnswer(202, receipt(SERVER, Receipt.KEPT));
    take("c").onAnswer(429, said, "3");
    take("a").onSilence();
    assertEquals(List.of("received", "429 too-many 3000000", "202 kept"), ended);
  }

  @Test
  void serversThatAreAwayAreFollowedByTheNextAtOnceAndCountBeforeARefusalAndBehindALimit() {
    byte[] said = Bytes.utf8("{\"reason\":\"journal-unavailable\"}");
    send();
    take("a").onAnswer(503, said, "15");
    take("b").onAnswer(201, receipt(SERVER, "received"));
    send();
    take("b").onAnswer(401, new byte[0]);
    take("c").onAnswer(502, new byte[0], "7");
    take("a").onAnswer(507, said, "3");
    send();
    take("b").onAnswer(504, new byte[0]);
    take("c").onAnswer(429, said, "9");
    take("a").onAnswer(503, said);
    send();
    take("b").onAnswer(503, said);
    take("c").onAnswer(409, new byte[0]);
    take("a").onSilence();
    assertEquals(
        List.of(
            "received",
            "507 journal-unavailable 3000000",
            "429 journal-unavailable 9000000",
            "503 journal-unavailable 1000000"),
        ended);
  }

  @Test
  void keptIsNoReceiptAndStaysTheWordWhateverOthersSay() {
    send();
    take("a").onAnswer(202, receipt(SERVER, Receipt.KEPT));
    take("b").onAnswer(503, new byte[0]);
    take("c").onAnswer(202, receipt(STRANGER, Receipt.KEPT));
    take("c").onAnswer(404, new byte[0]);
    assertEquals(List.of("202 kept"), ended);
    send();
    take("a").onAnswer(202, receipt(SERVER, Receipt.KEPT));
    take("b").onAnswer(201, receipt(SERVER, "received"));
    assertEquals(List.of("202 kept", "received"), ended);
  }

  @Test
  void theKeyIsHandedOnAndTheFormerOneIsBelievedNoMore() {
    send();
    take("a").onAnswer(201, receipt(SERVER, "received", Map.of("what", "key", "text", link(SERVER, LATER))));
    assertEquals(1, kept.size());
    send();
    take("a").onAnswer(201, receipt(LATER, "received"));
    assertEquals(2, kept.size());
    send();
    take("a").onAnswer(201, receipt(SERVER, "received"));
    take("b").onSilence();
    take("c").onSilence();
    take("a").onAnswer(200, Bytes.utf8("{\"keys\":[\"" + link(SERVER, LATER) + "\"]}"));
    assertEquals(List.of("received", "received", "201 the receipt is not signed by our server"), ended);
  }

  @Test
  void aPhoneThatWasAwayGoesAlongTheChainOfKeys() {
    send();
    take("a").onAnswer(201, receipt(LATER, "received"));
    take("b").onSilence();
    take("c").onSilence();
    take("a").onAnswer(200, Bytes.utf8("{\"keys\":[\"?\",\"" + link(SERVER, LATER) + "\"]}"));
    assertEquals(List.of("received"), ended);
    assertTrue(java.util.Arrays.equals(LATER.publicKey(), kept.get(0).key()));
  }

  @Test
  void whatIsNoReceiptIsNone() {
    for (String answer : List.of("", "{}", "[]", "{\"seq\":1}", "<html>", "{\"seq\":1e400}")) {
      send();
      take("a").onAnswer(201, Bytes.utf8(answer));
      take("b").onSilence();
      take("c").onSilence();
      assertTrue(ended.remove(0).startsWith("201 not a receipt"), answer);
    }
  }

  @Test
  void onlySecureAddressesLeaveThisMachine() {
    for (String bad : List.of("http://police.example", "ftp://a", "a", "https://", "http://127.0.0.1.example", "")) {
      assertThrows(IllegalArgumentException.class, () -> new Sender(loop, this, List.of(bad)), bad);
    }
    new Sender(loop, this, List.of("http://127.0.0.1:8", "http://localhost", "http://[::1]:8", "http://x.localhost"));
  }
}
