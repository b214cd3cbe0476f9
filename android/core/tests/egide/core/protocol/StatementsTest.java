package egide.core.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import egide.core.Vectors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What server and phone sign for each other, and what codes open, are those of contracts/vectors.json. */
final class StatementsTest {
  private static final Vectors VECTORS = Vectors.in("vectors.json");

  private static Receipt read(Map<?, ?> fields) throws JsonError {
    return Receipt.read(Bytes.utf8(Json.write(fields)));
  }

  private static Map<Object, Object> changed(Map<?, ?> fields, String name, Object value) {
    Map<Object, Object> changed = new LinkedHashMap<>(fields);
    changed.put(name, value);
    return changed;
  }

  @TestFactory
  List<DynamicTest> receipts() {
    return Vectors.each(VECTORS.all("receipts"), "statement", vector -> {
      byte[] envelope = vector.bytes("envelope");
      byte[] key = vector.bytes("server_key");
      Map<?, ?> fields = vector.part("receipt").map();
      Receipt receipt = read(fields);
      assertArrayEquals(vector.bytes("statement"), receipt.statement(Keys.sha256(envelope)));
      assertTrue(receipt.isValid(envelope, key));
      assertFalse(receipt.isValid(Bytes.joined(envelope, new byte[1]), key));
      List<Object> pending = new ArrayList<>((List<?>) fields.get("pending"));
      pending.add(Map.of("what", "listen-off"));
      Map<String, Object> changes = Map.of(
          "seq", 99L, "next_counter", 9L, "alarm", "x", "state", "closed ", "pending", pending,
          "signature", "?", "received_at", -1L);
      for (Map.Entry<String, Object> each : changes.entrySet()) {
        assertFalse(read(changed(fields, each.getKey(), each.getValue())).isValid(envelope, key));
      }
    });
  }

  @TestFactory
  List<DynamicTest> keysOfReceiptsAreHandedOn() {
    return Vectors.each(VECTORS.all("receipt_keys"), "link", vector -> {
      byte[] key = vector.bytes("key");
      assertArrayEquals(vector.bytes("statement"), Pinned.statement(key, vector.bytes("following")));
      assertArrayEquals(vector.bytes("following"), Pinned.handedOn(vector.text("link"), key));
      for (Object wrong : vector.part("wrong").map().values()) {
        assertEquals(0, Pinned.handedOn((String) wrong, key).length);
      }
    });
  }

  @TestFactory
  List<DynamicTest> enrolments() {
    return Vectors.each(VECTORS.all("enrolments"), "code", vector -> {
      Vectors said = vector.part("client");
      Client client = said == null ? null : new Client(said.text("kind"), said.text("version"));
      SigningKey key = new SoftKey(vector.bytes("seed"));
      byte[] statement = Enrolment.statement(vector.text("code"), key.publicKey(), client);
      assertArrayEquals(vector.bytes("code_hash"), Enrolment.codeHash(vector.text("code")));
      assertArrayEquals(vector.bytes("statement"), statement);
      assertArrayEquals(vector.bytes("signature"), key.sign(statement));
      Fields request = Json.readFields(Bytes.utf8(Enrolment.request(vector.text("code"), key, client)));
      assertEquals(vector.text("signature"), Bytes.toHex(Bytes.fromBase64url(request.text("signature"))));
      assertEquals(client == null, !request.has("client"));
    });
  }

  @TestFactory
  List<DynamicTest> openings() {
    return Vectors.each(VECTORS.all("openings"), "code", vector -> {
      byte[] stretch = Opening.stretched(vector.text("code"), vector.bytes("salt"));
      assertArrayEquals(vector.bytes("stretch"), stretch);
      assertArrayEquals(vector.bytes("tag"), Opening.tagOf(stretch));
      assertArrayEquals(vector.bytes("statement"), Opening.statement(vector.bytes("tag")));
      assertArrayEquals(vector.bytes("key"), Opening.keyOf(stretch, vector.bytes("part")));
    });
  }

  @TestFactory
  List<DynamicTest> compartmentsAreOpenedByBothCodes() {
    return Vectors.each(VECTORS.all("compartments"), "own", vector -> {
      Compartments both = new Compartments(half(vector, 0), half(vector, 1));
      Vectors page = vector.part("page");
      Page hers = new Page(page.text("kit"), page.text("button"), page.number("testedAtMs"));
      Page none = new Page("", "", null);
      assertEquals(hers, both.opened(vector.bytes("own")).page());
      assertFalse(both.opened(vector.bytes("own")).isThreat());
      assertEquals(none, both.opened(vector.bytes("threat")).page());
      assertTrue(both.opened(vector.bytes("threat")).isThreat());
      assertNull(both.opened(new byte[32]));
    });
  }

  private static Compartments.Compartment half(Vectors vector, int at) {
    Vectors half = vector.all("compartments").get(at);
    return new Compartments.Compartment(half.bytes("head"), half.bytes("page"));
  }

  @Test
  void eitherCodeWritesBothCompartmentsAnewAndTheOtherStillOpens() {
    Random chance = new Random(20_261_128);
    Compartments.Fresh fresh = size -> {
      byte[] data = new byte[size];
      chance.nextBytes(data);
      return data;
    };
    byte[] own = fresh.bytes(32);
    byte[] threat = fresh.bytes(32);
    Page page = new Page("kit", "b\"1\n", 1_800_000_000_000L);
    Compartments was = Compartments.sealed(own, threat, page, fresh);
    Page tested = new Page("kit", "b\"1\n", 1_900_000_000_000L);
    Compartments byOwn = was.rewritten(was.opened(own), tested, fresh);
    assertEquals(tested, byOwn.opened(own).page());
    Compartments byThreat = byOwn.rewritten(byOwn.opened(threat), new Page("", "", 5L), fresh);
    assertEquals(tested, byThreat.opened(own).page());
    assertEquals(5L, byThreat.opened(threat).page().testedAtMs());
    assertEquals(was.first().page().length, byThreat.first().page().length);
    assertFalse(java.util.Arrays.equals(was.second().page(), byOwn.second().page()));
    Page tooLong = new Page("k".repeat(600), "", null);
    assertThrows(IllegalArgumentException.class, () -> Compartments.sealed(own, threat, tooLong, fresh));
  }

  @Test
  void settingsInAReplyAreTakenWithinTheirBoundsAlone() {
    String good = "{\"hold_ms\":1000,\"position_interval_s\":60,\"heartbeat_interval_s\":300,\"tail_s\":600,"
        + "\"button_hold_ms\":5000,\"version\":4294967295,\"later\":[1]}";
    assertEquals(new Settings(1000, 60, 300, 600, 5000, 4_294_967_295L), Settings.inReply(good));
    assertEquals(new Settings(2000, 5, 900, 3600, 2000, 1), Settings.inReply("{\"version\":1}"));
    List<String> bad = List.of(
        "", "{}", "[]", "null", "{\"version\":0}", "{\"version\":4294967296}", "{\"version\":\"1\"}",
        "{\"version\":1,\"hold_ms\":999}", "{\"version\":1,\"button_hold_ms\":5001}",
        "{\"version\":1,\"position_interval_s\":4}", "{\"version\":1,\"heartbeat_interval_s\":901}",
        "{\"version\":1,\"tail_s\":14401}", "{\"version\":1}x", "{\"version\":true}");
    for (String text : bad) {
      assertNull(Settings.inReply(text), text);
    }
  }
}
