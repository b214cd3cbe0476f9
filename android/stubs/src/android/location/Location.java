package android.location;

import egide.fake.Beyond;

public class Location {
  private final String provider;
  private final double latitude;
  private final double longitude;
  private final float accuracy;
  private final long nanos;

  @Beyond
  public Location(String provider, double latitude, double longitude, float accuracy, long atMs) {
    this.provider = provider;
    this.latitude = latitude;
    this.longitude = longitude;
    this.accuracy = accuracy;
    nanos = atMs * 1_000_000;
  }

  public String getProvider() {
    return provider;
  }

  public double getLatitude() {
    return latitude;
  }

  public double getLongitude() {
    return longitude;
  }

  public float getAccuracy() {
    return accuracy;
  }

  public long getElapsedRealtimeNanos() {
    return nanos;
  }
}
