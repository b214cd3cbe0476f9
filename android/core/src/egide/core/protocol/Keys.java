package egide.core.protocol;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/** What is done with public keys (Ed25519, RFC 8032), and SHA-256. */
public final class Keys {
  public static final int PUBLIC_KEY_BYTES = 32, SIGNATURE_BYTES = 64, KID_BYTES = 8;

  private Keys() {}

  /** Key id: the first 8 bytes of the SHA-256 of the public key. */
  public static byte[] kidOf(byte[] publicKey) {
    return Bytes.slice(sha256(publicKey), 0, KID_BYTES);
  }

  /** Whether `signature` over `message` verifies under `publicKey`; false for what is no key or no signature. */
  public static boolean isSignedBy(byte[] publicKey, byte[] message, byte[] signature) {
    return publicKey.length == PUBLIC_KEY_BYTES
        && signature.length == SIGNATURE_BYTES
        && Ed25519.verify(signature, 0, publicKey, 0, message, 0, message.length);
  }

  public static byte[] sha256(byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (byte[] part : parts) {
        digest.update(part);
      }
      return digest.digest();
    } catch (NoSuchAlgorithmException error) {
      // Every Java and every Android has it.
      throw new IllegalStateException(error);
    }
  }
}
