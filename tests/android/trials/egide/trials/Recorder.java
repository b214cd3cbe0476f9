package egide.trials;

import egide.core.ports.Phone;
import egide.core.ports.Radio;
import java.io.File;
import java.util.ArrayList;
import java.util.List;

/** Stands where the core does, and writes down what it is told; a sign of life every quarter of an hour is all that it does. */
final class Recorder implements Phone, Radio.Heard {
  static final long REST_US = 900_000_000L;
  static boolean isNeeded;
  /** The app is one for trials. */
  static boolean hearsBroadcasts;
  /** Its disk takes nothing: it acknowledges no press. */
  static boolean isFull;
  /** Of all processes of a trial, oldest first. */
  static final List<Recorder> all = new ArrayList<>();

  final Platform platform;
  final List<String> told = new ArrayList<>();
  final List<byte[]> frames = new ArrayList<>();
  int signs;

  Recorder(Platform platform) {
    this.platform = platform;
    all.add(this);
  }

  static Recorder last() {
    return all.get(all.size() - 1);
  }

  @Override
  public void start() {
    told.add("start");
    platform.radio().start(this);
    platform.around().follow(false);
    platform.loop().after(REST_US, this::sign);
  }

  private void sign() {
    signs++;
    platform.loop().after(REST_US, this::sign);
  }

  @Override
  public boolean isNeeded() {
    return isNeeded;
  }

  @Override
  public void onUnlocked(File folder) {
    told.add("unlocked");
  }

  @Override
  public void onNetwork() {
    told.add("network");
  }

  @Override
  public void onChanged() {
    told.add("changed");
  }

  @Override
  public void ask(String json) {
    told.add("ask " + json);
  }

  @Override
  public void onFrame(byte[] data) {
    frames.add(data);
    if (!isFull) platform.radio().acknowledge(new byte[] {data[0]});
  }

  @Override
  public void onBroadcast(byte[] address, byte[] serviceData) {
    told.add("broadcast");
  }

  @Override
  public void onLink(boolean isConnected) {
    told.add("link " + isConnected);
  }

  @Override
  public void onTrouble(String notice) {
    told.add(notice);
  }

  @Override
  public void onBattery(int percent) {
    told.add("battery " + percent);
  }

  @Override
  public void onHold(boolean isTaken) {
    told.add("hold " + isTaken);
  }
}
