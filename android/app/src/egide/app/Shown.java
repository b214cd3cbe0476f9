package egide.app;

import android.content.Context;
import android.os.VibrationEffect;
import android.os.Vibrator;
import egide.core.ports.Screen;
import java.util.function.Consumer;

/** What may be seen or felt: her page while it is open, nothing else. */
final class Shown implements Screen {
  private final Context safe;
  private volatile Consumer<String> page;

  Shown(Context safe) {
    this.safe = safe;
  }

  /** The page that is seen from now on; null when it is no longer. */
  void see(Consumer<String> page) {
    this.page = page;
  }

  boolean isSeen() {
    return page != null;
  }

  @Override
  public void tell(String json) {
    Consumer<String> now = page;
    if (now != null) now.accept(json);
  }

  @Override
  public void vibrate(long[] pattern) {
    Vibrator vibrator = safe.getSystemService(Vibrator.class);
    if (vibrator.hasVibrator()) vibrator.vibrate(VibrationEffect.createWaveform(pattern, -1));
  }
}
