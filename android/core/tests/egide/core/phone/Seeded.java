package egide.core.phone;

import egide.core.protocol.SigningKey;
import egide.core.protocol.SoftKey;
import egide.core.store.KeyMaker;

/** The one key of a history, so that all phones sign alike. */
record Seeded(byte[] seed) implements KeyMaker {
  @Override
  public byte[] fresh() {
    return seed;
  }

  @Override
  public SigningKey open(byte[] kept) {
    return new SoftKey(kept);
  }
}
