package egide.core.protocol;

/**
 * The phone's key (Ed25519, RFC 8032). Its private half may lie in hardware: it is asked to sign and never shown.
 */
public interface SigningKey {
  /** 32 bytes. */
  byte[] publicKey();

  /** The 64 bytes of the signature over `message`. Throws KeyLost. */
  byte[] sign(byte[] message);
}
