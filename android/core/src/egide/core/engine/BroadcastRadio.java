package egide.core.engine;

import egide.core.ports.Broadcasts;
import egide.core.ports.Radio;

/**
 * A button that only broadcasts (BTHome v2, encrypted): heard, and never acknowledged. Its model is
 * src/egide/companion/radio/broadcast.py.
 */
final class BroadcastRadio implements Radio, Broadcasts.Heard {
  private final Broadcasts broadcasts;
  private final byte[] address;
  private Heard heard;
  private boolean isListening;

  /** `address`: the one printed on the button, six bytes. */
  BroadcastRadio(Broadcasts broadcasts, byte[] address) {
    this.broadcasts = broadcasts;
    this.address = address;
  }

  @Override
  public boolean isPaired() {
    return true;
  }

  /** Whether somebody listens: such a button says nothing at rest. */
  @Override
  public boolean isConnected() {
    return isListening;
  }

  @Override
  public void start(Heard heard) {
    this.heard = heard;
    broadcasts.listen(address, this);
  }

  @Override
  public void stop() {
    broadcasts.stop();
  }

  @Override
  public void onBroadcast(byte[] serviceData) {
    heard.onBroadcast(address, serviceData);
  }

  @Override
  public void onListening(boolean isListening) {
    if (this.isListening != isListening) {
      this.isListening = isListening;
      heard.onLink(isListening);
    }
  }

  @Override
  public void pair(Claim claim, Paired paired) {
    paired.onFailed("not-chosen");
  }

  @Override
  public void acknowledge(byte[] acknowledgement) {
    // Nobody can: it says a press a few times and is silent.
  }

  @Override
  public void giveHold(byte[] frame) {
    heard.onHold(false);
  }

  @Override
  public void askBattery() {
    // Only what it says with a press is known.
  }
}
