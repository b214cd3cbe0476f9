package egide.core.protocol;

import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Two compartments that look alike: one is opened by her own code, one by the code under threat. Nothing tells which is
 * which, or which of them was written last.
 *
 * Each has a head under the key that its code makes, with two keys in it: that of its own page, and one that both share.
 * Every page lies under its own key within the shared one, so that either code can seal both anew. AES-256-GCM (NIST SP
 * 800-38D), each under a fresh nonce of 12 bytes; the bytes of src/egide/companion/compartments.py.
 */
public record Compartments(Compartment first, Compartment second) {
  private static final int KEY_BYTES = 32, NONCE_BYTES = 12, TAG_BITS = 128;

  /** One of them, as it is stored. */
  public record Compartment(byte[] head, byte[] page) {}

  /** A compartment that was opened, and the keys (32 bytes each) to write it anew. `at`: 0 or 1. */
  public record Opened(int at, boolean isThreat, byte[] pageKey, byte[] sharedKey, Page page) {}

  /** Gives so many random bytes. */
  public interface Fresh {
    byte[] bytes(int size);
  }

  /** Both for the keys (32 bytes) of two codes, in an order drawn by lot. */
  public static Compartments sealed(byte[] own, byte[] threat, Page page, Fresh fresh) {
    byte[] shared = fresh.bytes(KEY_BYTES);
    Compartment mine = compartment(own, false, shared, page, fresh);
    Compartment other = compartment(threat, true, shared, new Page("", "", null), fresh);
    boolean isMineFirst = (fresh.bytes(1)[0] & 1) == 1;
    return isMineFirst ? new Compartments(mine, other) : new Compartments(other, mine);
  }

  private static Compartment compartment(
      byte[] key, boolean isThreat, byte[] shared, Page page, Fresh fresh) {
    byte[] pageKey = fresh.bytes(KEY_BYTES);
    byte[] head = seal(key, Bytes.joined(new byte[] {(byte) (isThreat ? 1 : 0)}, pageKey, shared), fresh);
    byte[] inner = seal(pageKey, page.written(), fresh);
    return new Compartment(head, seal(shared, inner, fresh));
  }

  /**
   * What the key opens; null when nothing. Both are always tried, so that time tells nothing. Throws
   * IllegalArgumentException for a page that is damaged.
   */
  public Opened opened(byte[] key) {
    byte[] ofFirst = unsealed(key, first.head);
    byte[] ofSecond = unsealed(key, second.head);
    int at = ofFirst == null ? 1 : 0;
    byte[] head = at == 0 ? ofFirst : ofSecond;
    if (head == null) {
      return null;
    }
    byte[] pageKey = Bytes.slice(head, 1, 1 + KEY_BYTES);
    byte[] sharedKey = Bytes.slice(head, 1 + KEY_BYTES, head.length);
    byte[] inner = whole(unsealed(sharedKey, at(at).page));
    try {
      return new Opened(at, head[0] == 1, pageKey, sharedKey, Page.read(whole(unsealed(pageKey, inner))));
    } catch (JsonError error) {
      throw new IllegalArgumentException("a damaged page", error);
    }
  }

  /** The same with another page where `was` stands. Both look new. */
  public Compartments rewritten(Opened was, Page page, Fresh fresh) {
    return new Compartments(anew(0, was, page, fresh), anew(1, was, page, fresh));
  }

  private Compartment anew(int at, Opened was, Page page, Fresh fresh) {
    byte[] inner = at == was.at
        ? seal(was.pageKey, page.written(), fresh)
        : whole(unsealed(was.sharedKey, at(at).page));
    return new Compartment(at(at).head, seal(was.sharedKey, inner, fresh));
  }

  private Compartment at(int at) {
    return at == 0 ? first : second;
  }

  private static byte[] whole(byte[] data) {
    if (data == null) {
      throw new IllegalArgumentException("a damaged page");
    }
    return data;
  }

  private static byte[] seal(byte[] key, byte[] plain, Fresh fresh) {
    byte[] nonce = fresh.bytes(NONCE_BYTES);
    try {
      return Bytes.joined(nonce, cipher(Cipher.ENCRYPT_MODE, key, nonce).doFinal(plain));
    } catch (GeneralSecurityException error) {
      throw new IllegalStateException(error);
    }
  }

  /** Null when another key sealed it, or it was changed. */
  private static byte[] unsealed(byte[] key, byte[] data) {
    if (data.length < NONCE_BYTES + TAG_BITS / 8) {
      return null;
    }
    byte[] nonce = Bytes.slice(data, 0, NONCE_BYTES);
    try {
      Cipher cipher = cipher(Cipher.DECRYPT_MODE, key, nonce);
      return cipher.doFinal(data, NONCE_BYTES, data.length - NONCE_BYTES);
    } catch (AEADBadTagException error) {
      return null;
    } catch (GeneralSecurityException error) {
      throw new IllegalStateException(error);
    }
  }

  private static Cipher cipher(int mode, byte[] key, byte[] nonce) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
    return cipher;
  }
}
