package egide.core.protocol;

import java.util.Arrays;
import java.util.List;

/**
 * The SMS road: a signed message in one binary message, or as the two texts that her own message app sends and keeps, for when
 * there is a mobile network and no data (docs/decisions/0081). Vectors: contracts/sms.json.
 */
public final class Sms {
  /** 3GPP TS 23.040, section 9.2.3.16; the same in septets, of which a text is made. */
  public static final int LONGEST_BYTES = 140, LONGEST_TEXT = 160;
  /** Application port addressing, 16 bits (section 9.2.3.24.4): length of the header, element, its length. */
  private static final byte[] PORTS = {6, 5, 4};
  /** Of the GSM 7-bit default alphabet, like the signs of base64url (3GPP TS 23.038, section 6.2.1). */
  private static final String MARK = "EG1";

  private Sms() {}

  /**
   * The user data header of a binary message to `port`. A platform writes it itself (Android does), and gives 0 for the
   * originator's port, which could name a sentence to be answered with (docs/decisions/0034).
   */
  public static byte[] header(int port) {
    return Bytes.joined(PORTS, Bytes.bigEndian(port, 2), Bytes.bigEndian(0, 2));
  }

  /** Whether `envelope` fits into one binary message. */
  public static boolean fitsBinary(byte[] envelope) {
    return header(0).length + envelope.length <= LONGEST_BYTES;
  }

  /**
   * `envelope` as two texts, of which the first has the longer half; they ask for no answer. Throws IllegalArgumentException for
   * more than 230 bytes.
   */
  public static List<String> texts(byte[] envelope) {
    int half = (envelope.length + 1) / 2;
    List<String> texts = Arrays.asList(
        text(1, Bytes.slice(envelope, 0, half)), text(2, Bytes.slice(envelope, half, envelope.length)));
    if (texts.get(0).length() > LONGEST_TEXT) {
      throw new IllegalArgumentException(envelope.length + " bytes do not fit into two text messages");
    }
    return texts;
  }

  private static String text(int number, byte[] half) {
    return MARK + number + "/2" + Bytes.toBase64url(half);
  }

  /** The address that opens her message app with this text; only she can send it (RFC 5724). */
  public static String link(String number, String text) {
    // The slash is the one sign of a text that an address writes in another way.
    return "sms:" + number + "?body=" + text.replace("/", "%2F");
  }
}
