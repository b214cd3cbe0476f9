package egide.fake;

import android.bluetooth.BluetoothDevice;
import android.bluetooth.le.ScanCallback;
import android.bluetooth.le.ScanFilter;
import android.bluetooth.le.ScanResult;
import android.os.ParcelUuid;
import java.util.ArrayList;
import java.util.List;

/** What is broadcast near the phone, and which scans hear it. */
public final class Air {
  /** Afterwards a scan is slowed down to half a second in five (Android 14; what was before had thirty minutes). */
  private static final long FULL_MS = 600_000;
  /** More scans than these within half a minute are not begun (Android 7 and later). */
  private static final int STARTS = 5;
  private static final long WITHIN_MS = 30_000;

  private record Scan(List<ScanFilter> filters, ScanCallback callback, long sinceMs) {}

  private final Handset handset;
  private final List<Scan> scans = new ArrayList<>();
  private final List<Long> startsMs = new ArrayList<>();
  /** How often a scan was begun. */
  public int begun;
  public boolean fails;

  Air(Handset handset) {
    this.handset = handset;
  }

  public void scan(List<ScanFilter> filters, ScanCallback callback) {
    long nowMs = handset.elapsedMs();
    startsMs.removeIf(atMs -> atMs <= nowMs - WITHIN_MS);
    startsMs.add(nowMs);
    begun++;
    if (fails || startsMs.size() > STARTS) handset.post(() -> callback.onScanFailed(6), 0, callback);
    else scans.add(new Scan(filters, callback, nowMs));
  }

  public void stop(ScanCallback callback) {
    scans.removeIf(scan -> scan.callback == callback);
  }

  /** Bluetooth is off, or the process is gone. */
  void drop() {
    scans.clear();
  }

  /** A device says something once; whether any scan heard it. */
  public boolean say(String address, ParcelUuid uuid, byte[] data) {
    boolean isHeard = false;
    for (Scan scan : List.copyOf(scans)) {
      boolean isSlow = handset.elapsedMs() - scan.sinceMs > FULL_MS;
      boolean isFor = scan.filters.stream().anyMatch(filter -> address.equals(filter.address));
      // Without a filter a scan is stopped while the screen is off: none of ours may be so.
      if (isSlow || !isFor) continue;
      isHeard = true;
      handset.stir();
      handset.post(() -> scan.callback.onScanResult(1, new ScanResult(new BluetoothDevice(address), uuid, data)), 0, scan);
    }
    handset.settle();
    return isHeard;
  }
}
