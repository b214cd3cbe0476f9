package egide.app;

import android.Manifest;
import android.content.ComponentName;
import android.content.Intent;
import android.content.pm.PackageManager;
import android.net.Uri;
import android.provider.Settings;
import java.util.List;

/**
 * What a page wants of the platform itself. The page has explained each permission before it asks (its texts
 * `permission.*`); the platform's own question comes after that, and only from her tap.
 */
final class Asking {
  static final List<String> DECOYS = List.of("Notes", "Timer", "Converter", "Calendar");
  private final Page page;
  private final Running running;

  Asking(Page page, Running running) {
    this.page = page;
    this.running = running;
  }

  /** `allow WHAT`, `show WHICH`, `secure on` or `off`, `grants`. Any other word changes nothing. */
  void take(String said) {
    String[] words = said.split(" ");
    String what = words.length == 2 ? words[1] : "";
    switch (words[0]) {
      case "allow" -> allow(what);
      case "show" -> show(what);
      case "secure" -> page.secure(!"off".equals(what));
      case "grants" -> tell();
      default -> {}
    }
  }

  private void allow(String what) {
    switch (what) {
      case "button" -> ask(Manifest.permission.BLUETOOTH_CONNECT, Manifest.permission.BLUETOOTH_SCAN);
      case "position" -> ask(Manifest.permission.ACCESS_FINE_LOCATION, Manifest.permission.ACCESS_COARSE_LOCATION);
      // Android asks for it alone, after the one before, and leads to its settings.
      case "position-unseen" -> ask(Manifest.permission.ACCESS_BACKGROUND_LOCATION);
      case "microphone" -> ask(Manifest.permission.RECORD_AUDIO);
      case "texts" -> ask(Manifest.permission.SEND_SMS);
      case "battery" -> page.startActivity(
          new Intent(Settings.ACTION_REQUEST_IGNORE_BATTERY_OPTIMIZATIONS, Uri.fromParts("package", page.getPackageName(), null)));
      default -> tell();
    }
  }

  private void ask(String... permissions) {
    page.requestPermissions(permissions, 1);
  }

  void answered() {
    running.keepIfNeeded();
    running.changed();
    tell();
  }

  /** Which of them the platform grants, for the page to show. */
  private void tell() {
    Grants grants = new Grants(page);
    page.tell(
        "{\"grants\":{\"button\":" + grants.connects() + ",\"position\":" + grants.locates()
            + ",\"position-unseen\":" + grants.locatesUnseen() + ",\"microphone\":" + grants.listens()
            + ",\"texts\":" + grants.texts() + ",\"battery\":" + grants.isExempt() + "}}");
  }

  /** The app's name and icon in the launcher: those of the small app that she chose. The new one first, so that there always is one. */
  private void show(String decoy) {
    String wanted = decoy.isEmpty() ? "" : Character.toUpperCase(decoy.charAt(0)) + decoy.substring(1);
    if (!DECOYS.contains(wanted)) return;
    set(wanted, PackageManager.COMPONENT_ENABLED_STATE_ENABLED);
    for (String other : DECOYS) if (!other.equals(wanted)) set(other, PackageManager.COMPONENT_ENABLED_STATE_DISABLED);
  }

  private void set(String decoy, int state) {
    page.getPackageManager().setComponentEnabledSetting(
        new ComponentName(page.getPackageName(), "egide.app." + decoy), state, PackageManager.DONT_KILL_APP);
  }
}
