package android.os;

import java.util.UUID;

public final class ParcelUuid implements Parcelable {
  public ParcelUuid(UUID uuid) {}
}
