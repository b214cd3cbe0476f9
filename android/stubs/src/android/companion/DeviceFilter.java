package android.companion;

public interface DeviceFilter<D> {}
