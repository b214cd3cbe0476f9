package egide.core.store;

import egide.core.protocol.SigningKey;
import egide.core.protocol.SoftKey;
import java.security.SecureRandom;

/** How the phone's key is made once, and found again by what the store keeps of it: a seed, or a name in hardware. */
public interface KeyMaker {
  /** What to keep of a key that was made just now. */
  byte[] fresh();

  /** The key of which this was kept. */
  SigningKey open(byte[] kept);

  /** Keys whose seed lies in the store itself. */
  final class Soft implements KeyMaker {
    @Override
    public byte[] fresh() {
      byte[] seed = new byte[SoftKey.SEED_BYTES];
      new SecureRandom().nextBytes(seed);
      return seed;
    }

    @Override
    public SigningKey open(byte[] kept) {
      return new SoftKey(kept);
    }
  }
}
