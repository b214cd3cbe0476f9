package egide.core.phone;

import egide.core.ports.Radio;
import java.util.function.Consumer;

/** A radio whose every state a test sets. What the phone says to the button goes to `said`. */
public final class PlayedRadio implements Radio {
  private final Consumer<byte[]> said;
  private Heard heard;
  boolean isPaired = true;
  boolean isConnected = true;
  int batteryPct = 80;
  boolean takesHold = true;
  /** The word of why a pairing fails; "" when it does not. */
  public String pairingFails = "";

  public PlayedRadio(Consumer<byte[]> said) {
    this.said = said;
  }

  public void hear(byte[] frame) {
    heard.onFrame(frame);
  }

  void hearBroadcast(byte[] address, byte[] data) {
    heard.onBroadcast(address, data);
  }

  void trouble(String notice) {
    heard.onTrouble(notice);
  }

  void link(boolean isConnected) {
    if (this.isConnected != isConnected) {
      this.isConnected = isConnected;
      heard.onLink(isConnected);
    }
  }

  @Override
  public boolean isPaired() {
    return isPaired;
  }

  @Override
  public boolean isConnected() {
    return isConnected;
  }

  @Override
  public void start(Heard heard) {
    this.heard = heard;
  }

  @Override
  public void stop() {}

  @Override
  public void pair(Claim claim, Paired paired) {
    if (pairingFails.isEmpty()) {
      isPaired = true;
      paired.onPaired();
    } else {
      paired.onFailed(pairingFails);
    }
  }

  @Override
  public void acknowledge(byte[] acknowledgement) {
    said.accept(acknowledgement);
  }

  @Override
  public void giveHold(byte[] frame) {
    said.accept(frame);
    heard.onHold(takesHold);
  }

  @Override
  public void askBattery() {
    heard.onBattery(batteryPct);
  }
}
