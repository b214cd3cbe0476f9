package egide.core.protocol;

import java.security.MessageDigest;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.macs.CMac;
import org.bouncycastle.crypto.params.KeyParameter;

/**
 * What button and phone say to each other over Bluetooth, byte by byte as contracts/gatt.md describes it.
 *
 * Every frame carries a MAC under the key of this one button, because pairing without display or keypad ("Just Works")
 * protects nobody against a man in the middle (Bluetooth Core 5.4, Vol 3, Part H, section 2.3.5.1).
 */
public final class Frame {
  public static final int KEY_BYTES = 16, NONCE_BYTES = 8;
  private static final int MAC_BYTES = 8, PRESS_BYTES = 19;
  private static final int VERSION = 1, PRESS = 1, ACK = 0x81, HOLD = 0x82;
  private static final long MAX_COUNTER = (1L << 32) - 1, MAX_HELD_MS = (1 << 16) - 1;
  private static final long AGE_UNKNOWN = 0xffff, BATTERY_UNKNOWN = 255;
  /** One word for each direction and purpose, so that no frame can be passed off as another. */
  private static final byte[] FROM_BUTTON = Bytes.utf8("egide-b1");
  private static final byte[] FROM_PHONE = Bytes.utf8("egide-p1");
  private static final byte[] SET_BY_PHONE = Bytes.utf8("egide-s1");
  private static final byte[] CLAIM_BY_PHONE = Bytes.utf8("egide-c1");
  private static final byte[] CLAIM_BY_BUTTON = Bytes.utf8("egide-c2");

  private Frame() {}

  /** The press in `data`, if the holder of `key` (16 bytes) made it. */
  public static ButtonFrame decode(byte[] data, byte[] key) throws FrameError {
    if (data.length != PRESS_BYTES) {
      throw new FrameError("length", data.length + " bytes, expected " + PRESS_BYTES);
    }
    if (data[0] != VERSION) {
      throw new FrameError("version", (data[0] & 0xff) + ", expected " + VERSION);
    }
    byte[] fields = Bytes.slice(data, 0, PRESS_BYTES - MAC_BYTES);
    byte[] mac = Bytes.slice(data, fields.length, PRESS_BYTES);
    if (!MessageDigest.isEqual(mac, mac(key, FROM_BUTTON, fields))) {
      throw new FrameError("mac", "not made with this button's key");
    }
    if (fields[1] != PRESS) {
      throw new FrameError("kind", Integer.toString(fields[1] & 0xff));
    }
    long counter = Bytes.fromLittleEndian(fields, 2, 4);
    long ageS = Bytes.fromLittleEndian(fields, 8, 2);
    long batteryPct = fields[10] & 0xff;
    if (counter == 0 || batteryPct > 100 && batteryPct < BATTERY_UNKNOWN) {
      throw new FrameError("value", "counter " + counter + ", battery " + batteryPct + " %");
    }
    return new ButtonFrame(
        counter,
        Bytes.fromLittleEndian(fields, 6, 2),
        ageS == AGE_UNKNOWN ? null : ageS,
        batteryPct == BATTERY_UNKNOWN ? null : batteryPct);
  }

  /** The 14 bytes with which the phone says that it keeps the press `counter`. */
  public static byte[] ack(long counter, byte[] key) {
    checkWithin(counter, 1, MAX_COUNTER);
    byte[] fields = Bytes.joined(new byte[] {VERSION, (byte) ACK}, Bytes.littleEndian(counter, 4));
    return Bytes.joined(fields, mac(key, FROM_PHONE, fields));
  }

  /** The 16 bytes with which the phone sets the hold time; `version` is that of the kit's settings. */
  public static byte[] hold(long version, long holdMs, byte[] key) {
    checkWithin(version, 1, MAX_COUNTER);
    checkWithin(holdMs, 0, MAX_HELD_MS);
    byte[] fields = Bytes.joined(
        new byte[] {VERSION, (byte) HOLD}, Bytes.littleEndian(version, 4), Bytes.littleEndian(holdMs, 2));
    return Bytes.joined(fields, mac(key, SET_BY_PHONE, fields));
  }

  /** The 16 bytes with which the phone proves, right after pairing, that it was enrolled for this button. */
  public static byte[] claim(byte[] buttonNonce, byte[] phoneNonce, byte[] key) {
    return Bytes.joined(phoneNonce, mac(key, CLAIM_BY_PHONE, buttonNonce, phoneNonce));
  }

  /** Whether this is what the button of the kit answers to a claim. */
  public static boolean isAnswer(byte[] answer, byte[] buttonNonce, byte[] phoneNonce, byte[] key) {
    return MessageDigest.isEqual(answer, mac(key, CLAIM_BY_BUTTON, buttonNonce, phoneNonce));
  }

  private static void checkWithin(long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(value + ", expected " + least + " to " + most);
    }
  }

  /** AES-128-CMAC (RFC 4493), the first 8 of its 16 bytes (NIST SP 800-38B, section 5.5 and annex A). */
  private static byte[] mac(byte[] key, byte[]... parts) {
    CMac cmac = new CMac(AESEngine.newInstance());
    cmac.init(new KeyParameter(key));
    byte[] message = Bytes.joined(parts);
    cmac.update(message, 0, message.length);
    byte[] mac = new byte[cmac.getMacSize()];
    cmac.doFinal(mac, 0);
    return Bytes.slice(mac, 0, MAC_BYTES);
  }
}
