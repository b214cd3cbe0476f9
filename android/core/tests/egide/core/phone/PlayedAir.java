package egide.core.phone;

import egide.core.ports.Broadcasts;
import egide.core.protocol.Bthome;
import egide.core.protocol.Bytes;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.modes.CCMBlockCipher;
import org.bouncycastle.crypto.modes.CCMModeCipher;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.KeyParameter;

/** A button that only broadcasts, and who listens to it. */
public final class PlayedAir implements Broadcasts {
  private static final int MIC_BITS = 32, BUTTON = 0x3a;
  /** Whom it is listened for; null when nobody listens. */
  public String address;
  private Heard heard;

  @Override
  public void listen(String address, Heard heard) {
    this.address = address;
    this.heard = heard;
    heard.onListening(true);
  }

  @Override
  public void stop() {
    address = null;
    heard = null;
  }

  public void say(byte[] serviceData) {
    heard.onBroadcast(serviceData);
  }

  /** Service data by which the device `from` says a button event under `key`. */
  public static byte[] said(long counter, int event, byte[] from, byte[] key) {
    byte[] info = {0x45};
    byte[] count = Bytes.littleEndian(counter, 4);
    byte[] nonce = Bytes.joined(from, Bytes.littleEndian(Bthome.UUID16, 2), info, count);
    byte[] plain = {BUTTON, (byte) event};
    CCMModeCipher cipher = CCMBlockCipher.newInstance(AESEngine.newInstance());
    cipher.init(true, new AEADParameters(new KeyParameter(key), MIC_BITS, nonce));
    byte[] sealed = new byte[cipher.getOutputSize(plain.length)];
    cipher.processBytes(plain, 0, plain.length, sealed, 0);
    try {
      cipher.doFinal(sealed, 0);
    } catch (InvalidCipherTextException error) {
      throw new IllegalStateException(error);
    }
    byte[] mic = Bytes.slice(sealed, plain.length, sealed.length);
    return Bytes.joined(info, Bytes.slice(sealed, 0, plain.length), count, mic);
  }
}
