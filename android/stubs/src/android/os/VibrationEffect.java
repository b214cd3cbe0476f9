package android.os;

public abstract class VibrationEffect {
  VibrationEffect() {}

  public static VibrationEffect createWaveform(long[] pattern, int repeat) {
    return new VibrationEffect() {};
  }
}
