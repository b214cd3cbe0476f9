package android.os;

import java.util.UUID;

public final class ParcelUuid implements Parcelable {
  private final UUID uuid;

  public ParcelUuid(UUID uuid) {
    this.uuid = uuid;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ParcelUuid it && it.uuid.equals(uuid);
  }

  @Override
  public int hashCode() {
    return uuid.hashCode();
  }
}
