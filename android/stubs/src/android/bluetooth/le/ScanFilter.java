package android.bluetooth.le;

import android.os.ParcelUuid;
import egide.fake.Beyond;

public final class ScanFilter {
  @Beyond public final String address;

  ScanFilter(String address) {
    this.address = address;
  }

  public static final class Builder {
    private String address;

    public Builder() {}

    public Builder setServiceUuid(ParcelUuid uuid) {
      return this;
    }

    public Builder setDeviceAddress(String address) {
      if (!address.matches("([0-9A-F]{2}:){5}[0-9A-F]{2}")) throw new IllegalArgumentException("invalid device address " + address);
      this.address = address;
      return this;
    }

    public ScanFilter build() {
      return new ScanFilter(address);
    }
  }
}
