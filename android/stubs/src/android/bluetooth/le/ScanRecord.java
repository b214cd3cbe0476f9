package android.bluetooth.le;

import android.os.ParcelUuid;

public final class ScanRecord {
  private final ParcelUuid uuid;
  private final byte[] data;

  ScanRecord(ParcelUuid uuid, byte[] data) {
    this.uuid = uuid;
    this.data = data;
  }

  public byte[] getServiceData(ParcelUuid uuid) {
    return this.uuid.equals(uuid) ? data : null;
  }
}
