package egide.app;

import android.content.Context;
import android.os.Handler;
import android.os.HandlerThread;
import android.os.UserManager;
import egide.core.engine.KeystoreKeys;
import egide.core.engine.NativePhone;
import egide.core.ports.Phone;
import java.io.File;
import java.util.function.Function;

/** The one core of this process, with all that it has of the platform. Whoever needs it first makes it; it lasts as long as the process. */
final class Running {
  /** Makes the core; a test puts another one here. */
  static Function<Phone.Platform, Phone> maker = platform -> new NativePhone(platform, R.VERSION);

  /** Whether buttons that anybody can follow are heard: in an app for trials alone (safety rule 21). */
  static boolean hearsBroadcasts = R.IS_FOR_TRIALS;

  private static Running now;

  /** Before the first unlock its files cannot be opened; those of `safe` can. */
  final Context whole;
  final Context safe;
  /** Of the one thread in which core and radio live. */
  final Handler handler;
  final Gatt radio;
  final Scans scans;
  final Awake awake;
  final Places places;
  final Shown shown;
  final Phone phone;

  /** Of the process; `context` may be any of it. */
  static synchronized Running of(Context context) {
    if (now == null) {
      now = new Running(context.getApplicationContext());
      now.handler.post(now.phone::start);
      now.unlocked();
    }
    return now;
  }

  private Running(Context context) {
    whole = context;
    safe = context.createDeviceProtectedStorageContext();
    HandlerThread thread = new HandlerThread("core");
    thread.start();
    handler = new Handler(thread.getLooper());
    awake = new Awake(safe, handler);
    radio = new Gatt(safe, handler, awake);
    scans = new Scans(safe, handler, awake);
    places = new Places(safe, handler);
    shown = new Shown(safe);
    File folder = new File(safe.getFilesDir(), "kit");
    phone =
        maker.apply(
            new Phone.Platform(
                folder, awake, awake, radio, hearsBroadcasts ? scans : null, places, new Ear(safe),
                new KeystoreKeys(Vault.STORE, new Vault(safe)), new Texting(safe, handler), new Replacing(safe, handler), shown));
    new Changes(this).follow();
  }

  /** The core learns where the rest lies, once the phone was unlocked; before her page asks, too, which may be first to know. */
  void unlocked() {
    if (safe.getSystemService(UserManager.class).isUserUnlocked()) handler.post(() -> phone.onUnlocked(new File(whole.getFilesDir(), "hers")));
  }

  /** Permissions, exemptions or Bluetooth may be others than before. */
  void changed() {
    radio.onSwitched();
    handler.post(scans::onSwitched);
    handler.post(phone::onChanged);
  }

  /** Starts the service where there is a kit to serve. */
  void keepIfNeeded() {
    if (phone.isNeeded()) awake.stay(true);
  }
}
