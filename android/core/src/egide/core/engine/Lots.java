package egide.core.engine;

import egide.core.protocol.Compartments;
import java.security.SecureRandom;

/** Chance from the platform, made when it is first asked for: nothing of a start needs it. */
final class Lots implements Compartments.Fresh, Chance {
  private SecureRandom made;

  private SecureRandom chance() {
    if (made == null) {
      made = new SecureRandom();
    }
    return made;
  }

  @Override
  public byte[] bytes(int size) {
    byte[] data = new byte[size];
    chance().nextBytes(data);
    return data;
  }

  @Override
  public double next() {
    return chance().nextDouble();
  }
}
