package egide.core.protocol;

import org.bouncycastle.math.ec.rfc8032.Ed25519;

/**
 * A key in memory. Android has no Ed25519 outside the Keystore, and there only from API 33 on, so Bouncy Castle's is
 * used: the same classes on the JVM and on the phone (decision 0077).
 */
public final class SoftKey implements SigningKey {
  public static final int SEED_BYTES = Ed25519.SECRET_KEY_SIZE;

  private final byte[] seed;
  private final byte[] publicKey = new byte[Keys.PUBLIC_KEY_BYTES];

  /** Throws IllegalArgumentException for a seed that has not 32 bytes. */
  public SoftKey(byte[] seed) {
    if (seed.length != SEED_BYTES) {
      throw new IllegalArgumentException("a seed of " + seed.length + " bytes, expected " + SEED_BYTES);
    }
    this.seed = seed.clone();
    Ed25519.generatePublicKey(seed, 0, publicKey, 0);
  }

  @Override
  public byte[] publicKey() {
    return publicKey.clone();
  }

  @Override
  public byte[] sign(byte[] message) {
    byte[] signature = new byte[Keys.SIGNATURE_BYTES];
    Ed25519.sign(seed, 0, publicKey, 0, message, 0, message.length, signature, 0);
    return signature;
  }
}
