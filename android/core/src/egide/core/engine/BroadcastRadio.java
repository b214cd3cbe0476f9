package egide.core.engine;

import egide.core.ports.Broadcasts;
import egide.core.ports.Radio;
import egide.core.protocol.Bthome;
import egide.core.time.Loop;

/**
 * A button that only broadcasts (BTHome v2, encrypted): heard, and never acknowledged. Its model is
 * src/egide/companion/radio/broadcast.py.
 */
final class BroadcastRadio implements Radio, Broadcasts.Heard {
  /** Android 14 slows a scan down after ten minutes (older ones after thirty), and a press is said for a second or two. */
  private static final long ANEW_US = 540_000_000;

  private final Broadcasts broadcasts;
  private final Loop loop;
  private final byte[] address;
  private Loop.Timer anew;
  private Heard heard;
  private boolean isListening;

  /** `address`: the one printed on the button, six bytes. */
  BroadcastRadio(Broadcasts broadcasts, Loop loop, byte[] address) {
    this.broadcasts = broadcasts;
    this.loop = loop;
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
    listen();
  }

  private void listen() {
    broadcasts.listen(Bthome.printed(address), this);
    anew = loop.after(ANEW_US, this::listen);
  }

  @Override
  public void stop() {
    anew.cancel();
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
