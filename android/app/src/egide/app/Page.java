package egide.app;

import android.app.Activity;
import android.bluetooth.BluetoothDevice;
import android.bluetooth.le.ScanFilter;
import android.bluetooth.le.ScanResult;
import android.companion.AssociationRequest;
import android.companion.BluetoothLeDeviceFilter;
import android.companion.CompanionDeviceManager;
import android.content.ActivityNotFoundException;
import android.content.Intent;
import android.content.IntentSender;
import android.net.Uri;
import android.os.Bundle;
import android.os.ParcelUuid;
import android.view.WindowManager;
import android.webkit.WebMessage;
import android.webkit.WebMessagePort;
import android.webkit.WebSettings;
import android.webkit.WebView;
import egide.core.engine.PageRules;
import java.util.function.Consumer;

/**
 * The one window: the pages of the web app in a WebView, which reach the core through one message port and nothing else
 * (docs/decisions/0078). It shows the decoy first, always, and remembers nothing over a restart of itself.
 */
public final class Page extends Activity {
  private static final int CHOOSING = 1;
  private Running running;
  private WebView view;
  private WebMessagePort port;
  private Asking asking;
  private Consumer<BluetoothDevice> chosen;
  private boolean isHers = true;
  /** One and the same, so that it is known again. */
  private final Consumer<Consumer<BluetoothDevice>> finder = this::find;

  @Override
  protected void onCreate(Bundle state) {
    // Nothing of an earlier window is taken up: it may have shown her own pages.
    super.onCreate(null);
    forbidPictures(true);
    running = Running.of(this);
    running.unlocked();
    asking = new Asking(this, running);
    view = new WebView(this);
    setContentView(view);
    close(view.getSettings());
    view.setWebViewClient(new Pages(this));
    view.loadUrl(PageRules.FIRST);
  }

  /** Of all that a WebView can, the pages get a script engine and a store of their own for the small apps. */
  private static void close(WebSettings settings) {
    settings.setJavaScriptEnabled(true);
    settings.setDomStorageEnabled(true);
    settings.setBlockNetworkLoads(true);
    settings.setAllowFileAccess(false);
    settings.setAllowContentAccess(false);
    settings.setGeolocationEnabled(false);
    settings.setSafeBrowsingEnabled(false);
    settings.setMixedContentMode(WebSettings.MIXED_CONTENT_NEVER_ALLOW);
    settings.setSaveFormData(false);
  }

  /** Gives the page its end of the port. Only a page of our own address gets it, and only the newest. */
  void connect() {
    if (port != null) port.close();
    WebMessagePort[] ends = view.createWebMessageChannel();
    port = ends[0];
    port.setWebMessageCallback(new WebMessagePort.WebMessageCallback() {
      @Override
      public void onMessage(WebMessagePort port, WebMessage message) {
        heard(message.getData());
      }
    });
    view.postWebMessage(new WebMessage("port", new WebMessagePort[] {ends[1]}), Uri.parse(PageRules.ORIGIN));
  }

  /** `platform WORD …` is for this window, anything else for the core. */
  private void heard(String said) {
    if (said == null) return;
    if (said.startsWith("platform ")) asking.take(said.substring("platform ".length()));
    else running.handler.post(() -> running.phone.ask(said));
  }

  /** Opens her message app with a press; on a phone without one nothing happens. */
  void write(Uri text) {
    try {
      startActivity(new Intent(Intent.ACTION_SENDTO, text));
    } catch (ActivityNotFoundException none) {
      return;
    }
  }

  void tell(String json) {
    runOnUiThread(() -> {
      if (port != null) port.postMessage(new WebMessage(json));
    });
  }

  /**
   * A decoy that forbids pictures of itself would be no decoy, so this is lifted while one is shown and holds for everything else,
   * also before the page has said what it shows, and in the list of recent windows.
   */
  void secure(boolean isHers) {
    this.isHers = isHers;
    forbidPictures(isHers);
  }

  private void forbidPictures(boolean isForbidden) {
    int flag = WindowManager.LayoutParams.FLAG_SECURE;
    getWindow().setFlags(isForbidden ? flag : 0, flag);
  }

  @Override
  protected void onResume() {
    super.onResume();
    forbidPictures(isHers);
    Gatt.finder = finder;
    running.shown.see(this::tell);
    // Permissions and the exemption may have changed in the settings, and from here on a service may say that it listens.
    asking.answered();
  }

  @Override
  protected void onPause() {
    super.onPause();
    forbidPictures(true);
    running.shown.see(null);
  }

  @Override
  protected void onDestroy() {
    super.onDestroy();
    // Android may have made the next window before it ends this one.
    if (Gatt.finder == finder) Gatt.finder = null;
    if (port != null) port.close();
    view.destroy();
  }

  @Override
  public void onRequestPermissionsResult(int request, String[] permissions, int[] results) {
    asking.answered();
  }

  @Override
  protected void onActivityResult(int request, int result, Intent data) {
    if (request != CHOOSING || chosen == null) return;
    ScanResult found = data == null ? null : data.getParcelableExtra(CompanionDeviceManager.EXTRA_DEVICE);
    Consumer<BluetoothDevice> waiting = chosen;
    chosen = null;
    BluetoothDevice device = found == null ? null : found.getDevice();
    if (device != null) getSystemService(CompanionDeviceManager.class).startObservingDevicePresence(device.getAddress());
    waiting.accept(device);
  }

  /** The platform's own list of what is in its pairing window: an association that later wakes the app (Presence). */
  private void find(Consumer<BluetoothDevice> chosen) {
    ScanFilter inWindow = new ScanFilter.Builder().setServiceUuid(new ParcelUuid(Gatt.ALARM)).build();
    BluetoothLeDeviceFilter filter = new BluetoothLeDeviceFilter.Builder().setScanFilter(inWindow).build();
    CompanionDeviceManager.Callback callback = new CompanionDeviceManager.Callback() {
      // Android 13's own method hands on to this one.
      @Override
      public void onDeviceFound(IntentSender chooser) {
        choose(chooser, chosen);
      }

      @Override
      public void onFailure(CharSequence error) {
        chosen.accept(null);
      }
    };
    getSystemService(CompanionDeviceManager.class)
        .associate(new AssociationRequest.Builder().addDeviceFilter(filter).build(), callback, null);
  }

  private void choose(IntentSender chooser, Consumer<BluetoothDevice> chosen) {
    this.chosen = chosen;
    try {
      startIntentSenderForResult(chooser, CHOOSING, null, 0, 0, 0);
    } catch (IntentSender.SendIntentException gone) {
      this.chosen = null;
      chosen.accept(null);
    }
  }
}
