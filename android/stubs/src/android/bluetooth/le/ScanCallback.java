package android.bluetooth.le;

public abstract class ScanCallback {
  public ScanCallback() {}

  public void onScanResult(int kind, ScanResult found) {}

  public void onScanFailed(int why) {}
}
