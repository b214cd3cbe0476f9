package egide.app;

import android.companion.CompanionDeviceService;

/**
 * The platform binds this while the associated button is near: a second hand that wakes the app where a maker's
 * battery saver ended it. With it the app may also start a service from the background.
 */
public final class Presence extends CompanionDeviceService {
  // Also called by Android 13 and later, whose own method with an AssociationInfo hands on to this one.
  @Override
  public void onDeviceAppeared(String address) {
    Running.of(this).keepIfNeeded();
  }

  @Override
  public void onDeviceDisappeared(String address) {
    // The link says so earlier, and more surely.
  }
}
