package egide.app;

import android.bluetooth.BluetoothManager;
import android.bluetooth.le.BluetoothLeScanner;
import android.bluetooth.le.ScanCallback;
import android.bluetooth.le.ScanFilter;
import android.bluetooth.le.ScanRecord;
import android.bluetooth.le.ScanResult;
import android.bluetooth.le.ScanSettings;
import android.content.Context;
import android.os.Handler;
import android.os.ParcelUuid;
import egide.core.ports.Broadcasts;
import java.util.List;
import java.util.UUID;

/** Hears a button that only broadcasts. A scan with a filter goes on with the screen off; one without is stopped there. */
final class Scans extends ScanCallback implements Broadcasts {
  private static final ParcelUuid BTHOME = new ParcelUuid(UUID.fromString("0000fcd2-0000-1000-8000-00805f9b34fb"));
  private static final long AGAIN_US = 60_000_000;

  private final Context safe;
  private final Handler handler;
  private final Awake awake;
  private String address;
  private Heard heard;
  private BluetoothLeScanner scanner;

  Scans(Context safe, Handler handler, Awake awake) {
    this.safe = safe;
    this.handler = handler;
    this.awake = awake;
  }

  @Override
  public void listen(String address, Heard heard) {
    stop();
    this.address = address;
    this.heard = heard;
    begin();
  }

  @Override
  public void stop() {
    end();
    heard = null;
  }

  private boolean may() {
    return heard != null && new Grants(safe).hears();
  }

  /** Bluetooth was switched on or off, or a permission came or went. */
  void onSwitched() {
    if (may() != (scanner != null)) begin();
  }

  private void begin() {
    end();
    if (may()) {
      scanner = safe.getSystemService(BluetoothManager.class).getAdapter().getBluetoothLeScanner();
      ScanFilter only = new ScanFilter.Builder().setDeviceAddress(address).build();
      scanner.startScan(List.of(only), new ScanSettings.Builder().setScanMode(ScanSettings.SCAN_MODE_LOW_LATENCY).build(), this);
    }
    if (heard != null) heard.onListening(scanner != null);
  }

  private void end() {
    if (scanner != null && may()) scanner.stopScan(this);
    scanner = null;
  }

  @Override
  public void onScanResult(int kind, ScanResult found) {
    awake.briefly();
    ScanRecord said = found.getScanRecord();
    byte[] data = said == null ? null : said.getServiceData(BTHOME);
    handler.post(() -> {
      if (heard != null && data != null) heard.onBroadcast(data);
    });
  }

  @Override
  public void onScanFailed(int why) {
    handler.post(() -> {
      scanner = null;
      if (heard != null) heard.onListening(false);
      awake.after(AGAIN_US, this::onSwitched);
    });
  }
}
