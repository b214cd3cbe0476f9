package egide.app;

import android.content.BroadcastReceiver;
import android.content.Context;
import android.content.Intent;

/**
 * The phone started, was unlocked, or the app was replaced by a newer one. Each of these may start a service from the
 * background; before the first unlock too, since this class needs nothing that only her code opens.
 */
public final class Boot extends BroadcastReceiver {
  @Override
  public void onReceive(Context context, Intent intent) {
    // Anybody may send a named intent; which one it was says nothing, and all that follows is what would be true anyway.
    Running.of(context).keepIfNeeded();
  }
}
