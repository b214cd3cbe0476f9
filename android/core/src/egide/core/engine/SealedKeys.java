package egide.core.engine;

import egide.core.ports.Keys;
import egide.core.protocol.Bytes;
import egide.core.protocol.KeyLost;
import egide.core.protocol.SigningKey;
import egide.core.protocol.SoftKey;
import egide.core.store.KeyMaker;
import java.util.Arrays;

/** The phone's key: in its hardware where that can sign, else a seed that the hardware sealed. The store keeps which. */
final class SealedKeys implements KeyMaker {
  private static final String LABEL = "signing seed";
  private static final byte[] HARDWARE = {1}, SEALED = {2};

  private final Keys platform;

  SealedKeys(Keys platform) {
    this.platform = platform;
  }

  @Override
  public byte[] fresh() {
    byte[] publicKey = platform.signingKey();
    if (publicKey != null) {
      return Bytes.joined(HARDWARE, publicKey);
    }
    return Bytes.joined(SEALED, platform.seal(new KeyMaker.Soft().fresh(), LABEL));
  }

  /** Throws KeyLost when this phone cannot open or find it any more. */
  @Override
  public SigningKey open(byte[] kept) {
    byte[] rest = Bytes.slice(kept, 1, kept.length);
    if (kept[0] == SEALED[0]) {
      try {
        return new SoftKey(platform.open(rest, LABEL));
      } catch (IllegalStateException error) {
        throw new KeyLost("the phone's key was sealed by another phone, or is damaged");
      }
    }
    if (!Arrays.equals(platform.signingKey(), rest)) {
      throw new KeyLost("the phone's hardware has another key than the one that was enrolled");
    }
    return new InHardware(platform, rest);
  }

  /** A key that signs where it lies. */
  private record InHardware(Keys platform, byte[] publicKey) implements SigningKey {
    @Override
    public byte[] sign(byte[] message) {
      return platform.sign(message);
    }
  }
}
