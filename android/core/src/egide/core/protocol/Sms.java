package egide.core.protocol;

/**
 * The SMS road: a signed message in one binary message, for when there is a mobile network and no data. The two texts that a web
 * page can offer instead stay in a message app, and no native phone writes them (docs/decisions/0081). Vectors: contracts/sms.json.
 */
public final class Sms {
  /** 3GPP TS 23.040, section 9.2.3.16. */
  public static final int LONGEST_BYTES = 140;
  /** Application port addressing, 16 bits (section 9.2.3.24.4): length of the header, element, its length. */
  private static final byte[] PORTS = {6, 5, 4};

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
}
