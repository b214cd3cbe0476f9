package egide.core.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import egide.core.Vectors;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Buttons that only broadcast: the vectors of contracts/bthome.json, replays, and bytes that mean nothing. */
final class BthomeTest {
  private static final Vectors VECTORS = Vectors.in("bthome.json");
  private static final byte[] KEY = VECTORS.bytes("key");
  private static final byte[] ADDRESS = VECTORS.bytes("sequence_address");

  @TestFactory
  List<DynamicTest> eachIsReadOrRefusedWithItsReason() {
    return Vectors.each(VECTORS.all("cases"), "what", vector -> {
      byte[] data = vector.bytes("data");
      byte[] address = vector.bytes("address");
      if (vector.has("reason")) {
        BthomeError error = assertThrows(BthomeError.class, () -> Bthome.decode(data, address, KEY));
        assertEquals(vector.text("reason"), error.reason);
        return;
      }
      Advertised found = Bthome.decode(data, address, KEY);
      List<Integer> events = new ArrayList<>();
      for (Object each : (List<?>) vector.value("events")) {
        events.add((int) (long) (Long) each);
      }
      assertEquals(
          new Advertised(
              vector.number("counter"), events, vector.number("battery_pct"), vector.number("packet")),
          found);
      assertEquals(vector.value("is_alarm"), found.isAlarm());
    });
  }

  @Test
  void noReplayGetsThroughWhateverComesBetween() {
    long highest = 0;
    for (Vectors line : VECTORS.all("sequence")) {
      String outcome = "taken";
      try {
        Advertised found = Bthome.decode(line.bytes("data"), ADDRESS, KEY);
        found.checkFresh(highest);
        highest = found.counter();
      } catch (BthomeError refused) {
        outcome = refused.reason;
      }
      assertEquals(line.text("outcome"), outcome, line.text("what"));
    }
    assertEquals(5001, highest);
  }

  @Test
  void everyChangedBitAndAllThatIsRandomIsRefused() {
    byte[] good = VECTORS.all("cases").get(1).bytes("data");
    for (int bit = 0; bit < good.length * 8; bit++) {
      byte[] changed = good.clone();
      changed[bit / 8] ^= (byte) (1 << bit % 8);
      assertThrows(BthomeError.class, () -> Bthome.decode(changed, ADDRESS, KEY));
    }
    Random chance = new Random(20_261_125);
    for (int round = 0; round < 2000; round++) {
      byte[] data = new byte[chance.nextInt(40)];
      chance.nextBytes(data);
      byte[] headed = Bytes.joined(new byte[] {0x45}, data);
      assertThrows(BthomeError.class, () -> Bthome.decode(round(headed, data), ADDRESS, KEY));
    }
  }

  private static byte[] round(byte[] headed, byte[] data) {
    return data.length % 2 == 0 ? headed : data;
  }

  @Test
  void anAddressIsSixBytesAsPrinted() {
    assertEquals("0ceff6010203", Bytes.toHex(Bthome.addressBytes("0C:EF:F6:01:02:03")));
    for (String bad : List.of("", "0C:EF:F6:01:02", "0C:EF:F6:01:02:0G", "0C:EF:F6:01:02:03:04")) {
      assertThrows(IllegalArgumentException.class, () -> Bthome.addressBytes(bad));
    }
  }
}
