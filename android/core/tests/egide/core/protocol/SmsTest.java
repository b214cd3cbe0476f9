package egide.core.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import egide.core.Vectors;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The SMS road: the vectors of contracts/sms.json for binary messages, which the server reads too. */
final class SmsTest {
  private static final Vectors VECTORS = Vectors.in("sms.json");

  @TestFactory
  List<DynamicTest> oneBinaryMessageCarriesAnEnvelope() {
    return Vectors.each(VECTORS.all("binary"), "name", vector -> {
      byte[] data = vector.bytes("data");
      int port = (int) (long) VECTORS.number("port");
      assertArrayEquals(vector.bytes("udh"), Sms.header(port));
      assertTrue(Sms.fitsBinary(data));
      Envelope read = Envelope.unwrap(data);
      assertArrayEquals(data, Envelope.layOut(read.kid(), read.payload(), read.signature()));
    });
  }

  @Test
  void whatDoesNotFitIsNotSentSo() {
    assertTrue(Sms.fitsBinary(new byte[133]));
    assertFalse(Sms.fitsBinary(new byte[134]));
  }
}
