package egide.core.protocol;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.modes.CCMBlockCipher;
import org.bouncycastle.crypto.modes.CCMModeCipher;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.KeyParameter;

/**
 * Shelly BLU Button and its kin: encrypted BTHome v2 advertisements (bthome.io), bytes in, value out.
 *
 * Strict where the usual parsers are not: only encrypted, the MIC always, the counter always above the highest that was
 * ever taken, which the caller keeps on disk. Vectors: contracts/bthome.json.
 */
public final class Bthome {
  /** Service data is announced under this UUID of 16 bits, and counts into the nonce. */
  public static final int UUID16 = 0xfcd2;
  public static final int ADDRESS_BYTES = 6;
  private static final int MIC_BYTES = 4, TAIL_BYTES = 8;
  private static final int ENCRYPTED = 0x01, VERSION_SHIFT = 5, VERSION = 2;
  private static final int PACKET = 0x00, BATTERY = 0x01, BUTTON = 0x3a;
  /** What these buttons and related ones say: object and size of its value in bytes. */
  private static final Map<Integer, Integer> SIZES = sizes();

  private Bthome() {}

  private static Map<Integer, Integer> sizes() {
    Map<Integer, Integer> sizes = new HashMap<>();
    int[][] known = {
      {PACKET, 1}, {BATTERY, 1}, {BUTTON, 1}, {0x02, 2}, {0x03, 2}, {0x05, 3}, {0x0c, 2}, {0x2e, 1}, {0x3f, 2},
      {0x45, 2}, {0x60, 1}, {0xf0, 2}, {0xf1, 4}, {0xf2, 3}
    };
    for (int[] each : known) {
      sizes.put(each[0], each[1]);
    }
    return sizes;
  }

  /** The service data of one advertisement of the device `address` (6 bytes, as written) under its key (16 bytes). */
  public static Advertised decode(byte[] data, byte[] address, byte[] key) throws BthomeError {
    if (data.length == 0) {
      throw new BthomeError("too-short");
    }
    int info = data[0] & 0xff;
    if (info >> VERSION_SHIFT != VERSION) {
      throw new BthomeError("not-version-2");
    }
    if ((info & ENCRYPTED) == 0) {
      throw new BthomeError("not-encrypted");
    }
    if (data.length < 1 + TAIL_BYTES) {
      throw new BthomeError("too-short");
    }
    int tailAt = data.length - TAIL_BYTES;
    byte[] counter = Bytes.slice(data, tailAt, data.length - MIC_BYTES);
    byte[] mic = Bytes.slice(data, data.length - MIC_BYTES, data.length);
    byte[] nonce = Bytes.joined(
        address, Bytes.littleEndian(UUID16, 2), Bytes.slice(data, 0, 1), counter);
    byte[] plain = opened(key, nonce, Bytes.joined(Bytes.slice(data, 1, tailAt), mic));
    return read(plain, Bytes.fromLittleEndian(counter, 0, counter.length));
  }

  /** The 6 bytes of an address as it is printed, such as "0C:EF:F6:01:02:03". Throws IllegalArgumentException. */
  public static byte[] addressBytes(String text) {
    byte[] data = Bytes.fromHex(text.replace(":", "").toLowerCase(java.util.Locale.ROOT));
    if (data.length != ADDRESS_BYTES) {
      throw new IllegalArgumentException("address " + text + ": six bytes, such as 0C:EF:F6:01:02:03");
    }
    return data;
  }

  /** As addresses are printed. */
  public static String printed(byte[] address) {
    return Bytes.toHex(address).toUpperCase(java.util.Locale.ROOT).replaceAll("(..)(?=.)", "$1:");
  }

  /** AES-CCM (RFC 3610) with a tag of four bytes. */
  private static byte[] opened(byte[] key, byte[] nonce, byte[] sealed) throws BthomeError {
    CCMModeCipher cipher = CCMBlockCipher.newInstance(AESEngine.newInstance());
    cipher.init(false, new AEADParameters(new KeyParameter(key), MIC_BYTES * 8, nonce));
    byte[] plain = new byte[cipher.getOutputSize(sealed.length)];
    cipher.processBytes(sealed, 0, sealed.length, plain, 0);
    try {
      cipher.doFinal(plain, 0);
    } catch (InvalidCipherTextException error) {
      throw new BthomeError("wrong-key");
    }
    return plain;
  }

  private static Advertised read(byte[] plain, long counter) throws BthomeError {
    List<Integer> events = new ArrayList<>();
    Long battery = null;
    Long packet = null;
    int at = 0;
    while (at < plain.length) {
      int what = plain[at] & 0xff;
      Integer size = SIZES.get(what);
      if (size == null) {
        throw new BthomeError("unknown-object");
      }
      if (plain.length < at + 1 + size) {
        throw new BthomeError("truncated");
      }
      long value = plain[at + 1] & 0xff;
      if (what == BUTTON) {
        events.add((int) value);
      } else if (what == BATTERY) {
        battery = value;
      } else if (what == PACKET) {
        packet = value;
      }
      at += 1 + size;
    }
    if (battery != null && battery > 100) {
      throw new BthomeError("out-of-range");
    }
    return new Advertised(counter, events, battery, packet);
  }
}
