package egide.core.protocol;

import java.util.Arrays;
import java.util.List;

/**
 * What a phone believes: receipts by `key`, and from the first by `ahead` on those by that alone. Both 32 bytes; `ahead`
 * is empty when nothing was handed on. The first that is pinned ahead stays: a key that leaks later pins no other.
 *
 * The key that signs receipts is handed on: the one in force signs the one that follows, and phones pin that ahead. A
 * phone that was away meanwhile asks for all links (GET /v1/receipt-keys) and goes along them.
 */
public record Pinned(byte[] key, byte[] ahead) {
  /** What a pending thing is called that hands the key on. */
  public static final String PENDING = "key";

  /** More links than that are no chain of ours. */
  private static final int MOST = 64;
  private static final byte[] NONE = {};
  private static final byte[] WORD = Bytes.utf8("egide-receipt-key-1\0");

  public Pinned(byte[] key) {
    this(key, NONE);
  }

  /** What it believes after this receipt; null when the receipt is signed by neither key. */
  public Pinned after(Receipt receipt, byte[] envelope) {
    if (receipt.isValid(envelope, key)) {
      return new Pinned(key, ahead.length > 0 ? ahead : announced(receipt, key));
    }
    if (ahead.length > 0 && receipt.isValid(envelope, ahead)) {
      return new Pinned(ahead, announced(receipt, ahead));
    }
    return null;
  }

  /** The same, by way of these links; null when neither its own keys nor one of the chain signed the receipt. */
  public Pinned along(List<String> links, Receipt receipt, byte[] envelope) {
    // What was believed of another message meanwhile may have led here already.
    Pinned own = after(receipt, envelope);
    if (own != null) {
      return own;
    }
    byte[] current = ahead.length > 0 ? ahead : key;
    for (String link : links.subList(0, Math.min(links.size(), MOST))) {
      byte[] following = handedOn(link, current);
      if (following.length > 0) {
        current = following;
        Pinned found = new Pinned(current).after(receipt, envelope);
        if (found != null) {
          return found;
        }
      }
    }
    return null;
  }

  public boolean isSameAs(Pinned other) {
    return Arrays.equals(key, other.key) && Arrays.equals(ahead, other.ahead);
  }

  /** What is signed: a fixed word, the key that signs, and the one that follows it (32 bytes each). */
  static byte[] statement(byte[] key, byte[] following) {
    return Bytes.joined(WORD, key, following);
  }

  /** The key that follows, empty when `key` (32 bytes) did not sign this link. */
  static byte[] handedOn(String link, byte[] key) {
    byte[] data;
    try {
      data = Bytes.fromBase64url(link, Keys.PUBLIC_KEY_BYTES + Keys.SIGNATURE_BYTES);
    } catch (IllegalArgumentException error) {
      return NONE;
    }
    byte[] following = Bytes.slice(data, 0, Keys.PUBLIC_KEY_BYTES);
    byte[] signature = Bytes.slice(data, Keys.PUBLIC_KEY_BYTES, data.length);
    return Keys.isSignedBy(key, statement(key, following), signature) ? following : NONE;
  }

  /** The key that this receipt hands on to, if it does. */
  private static byte[] announced(Receipt receipt, byte[] key) {
    for (Pending each : receipt.pending()) {
      byte[] following = each.what().equals(PENDING) ? handedOn(each.text(), key) : NONE;
      if (following.length > 0) {
        return following;
      }
    }
    return NONE;
  }
}
