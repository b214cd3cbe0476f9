package egide.core.protocol;

import java.util.Arrays;

/**
 * The envelope of every message from a phone: COSE_Sign1 (RFC 9052, section 4.2) with EdDSA over a small CBOR map.
 *
 * Header and layout are fixed, so reading is comparing with a template; see contracts/envelope.cddl. What was unwrapped
 * may be from anybody: its payload is read once the signature is known to be good.
 */
public record Envelope(byte[] kid, byte[] payload, byte[] signature) {
  public static final int MAX_BYTES = 256 * 1024;

  /**
   * Tag 18, array of 4, protected header {1: -8, 4: kid} as a byte string of 13 (algorithm EdDSA, RFC 9053, section
   * 2.2).
   */
  private static final byte[] PREFIX = Bytes.fromHex("d2844da201270448");
  private static final byte[] AFTER_KID = Bytes.fromHex("a0");
  private static final byte[] SIGNATURE_HEAD = Bytes.fromHex("5840");
  private static final byte[] CONTEXT = Bytes.fromHex("846a5369676e617475726531");
  private static final int KID_END = PREFIX.length + Keys.KID_BYTES;

  /** The signed envelope of `message`; the same message and key give the same bytes. */
  public static byte[] seal(Message message, SigningKey key) throws EnvelopeError {
    byte[] payload = Payload.of(message);
    byte[] kid = Keys.kidOf(key.publicKey());
    byte[] data = layOut(kid, payload, key.sign(toBeSigned(kid, payload)));
    checkSize(data);
    return data;
  }

  /** The parts as one tagged COSE_Sign1. */
  static byte[] layOut(byte[] kid, byte[] payload, byte[] signature) {
    byte[] head = Cbor.head(2, payload.length);
    return Bytes.joined(PREFIX, kid, AFTER_KID, head, payload, SIGNATURE_HEAD, signature);
  }

  /** Reads the outer layout. */
  public static Envelope unwrap(byte[] data) throws EnvelopeError {
    checkSize(data);
    boolean isHeaded = Bytes.startsWith(data, PREFIX) && data.length > KID_END && data[KID_END] == AFTER_KID[0];
    if (!isHeaded) {
      throw new EnvelopeError("bad-header", "not a tagged COSE_Sign1 with EdDSA and an 8-byte key id");
    }
    int signatureAt = data.length - Keys.SIGNATURE_BYTES - SIGNATURE_HEAD.length;
    int payloadAt = payloadStart(data, KID_END + 1, signatureAt);
    if (!Bytes.startsWith(Bytes.slice(data, signatureAt, data.length), SIGNATURE_HEAD)) {
      throw new EnvelopeError("bad-signature-field", "the signature is a byte string of 64");
    }
    return new Envelope(
        Bytes.slice(data, PREFIX.length, KID_END),
        Bytes.slice(data, payloadAt, signatureAt),
        Bytes.slice(data, signatureAt + SIGNATURE_HEAD.length, data.length));
  }

  /** Where the payload begins, once its length is known to fill the space up to `end`. */
  private static int payloadStart(byte[] data, int at, int end) throws EnvelopeError {
    if (end <= at) {
      throw new EnvelopeError("truncated", data.length + " bytes");
    }
    int info = data[at] & 31;
    int start = at + 1 + (info < 24 ? 0 : 1 << Math.min(info - 24, 3));
    if (start > end || !Arrays.equals(Bytes.slice(data, at, start), Cbor.head(2, end - start))) {
      throw new EnvelopeError("bad-payload-length", "the payload's length does not fill the envelope");
    }
    return start;
  }

  private static void checkSize(byte[] data) throws EnvelopeError {
    if (data.length > MAX_BYTES) {
      throw new EnvelopeError("too-large", data.length + " bytes, at most " + MAX_BYTES);
    }
  }

  private static byte[] toBeSigned(byte[] kid, byte[] payload) {
    byte[] header = Bytes.slice(PREFIX, 2, PREFIX.length);
    return Bytes.joined(CONTEXT, header, kid, Cbor.head(2, 0), Cbor.head(2, payload.length), payload);
  }

  /** The Sig_structure of RFC 9052, section 4.4. */
  public byte[] toBeSigned() {
    return toBeSigned(kid, payload);
  }

  /** Whether the signature verifies under this public key (32 bytes). */
  public boolean isSignedBy(byte[] publicKey) {
    return Keys.isSignedBy(publicKey, toBeSigned(), signature);
  }

  /** The message inside. */
  public Message read() throws EnvelopeError {
    return Payload.read(payload);
  }
}
