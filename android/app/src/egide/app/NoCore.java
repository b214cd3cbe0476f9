package egide.app;

import egide.core.ports.Phone;
import java.io.File;

/**
 * What stands here while android/core has no engine: a phone without a kit. It keeps nothing, starts nothing, and says nothing; the
 * app is the small apps of its first page and no more.
 */
final class NoCore implements Phone {
  @Override
  public void start() {}

  @Override
  public boolean isNeeded() {
    return false;
  }

  @Override
  public void onUnlocked(File folder) {}

  @Override
  public void onNetwork(boolean isThere) {}

  @Override
  public void onChanged() {}

  @Override
  public void ask(String json) {}
}
