package egide.planted;

import egide.fake.Handset;

/** Uses what no phone has, as the app must not; and, taken for a stub, has more than any Android. */
public final class WayForTests {
  public long neverDies() {
    return Handset.now().elapsedMs();
  }

  @egide.fake.Beyond
  public void die() {}
}
