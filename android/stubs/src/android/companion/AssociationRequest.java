package android.companion;

public final class AssociationRequest {
  AssociationRequest() {}

  public static final class Builder {
    public Builder() {}

    public Builder addDeviceFilter(DeviceFilter<?> filter) {
      return this;
    }

    public AssociationRequest build() {
      return new AssociationRequest();
    }
  }
}
