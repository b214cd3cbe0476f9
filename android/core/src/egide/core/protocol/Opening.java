package egide.core.protocol;

import java.security.GeneralSecurityException;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.generators.SCrypt;

/**
 * Opening a phone by code: what the phone makes of the code, what the server adds, and the key that both make together.
 *
 * Neither half opens anything. The phone has the salt and no limit on tries, the server has the limit and no salt.
 */
public final class Opening {
  public static final int SALT_BYTES = 16, PART_BYTES = 32;
  /** scrypt (RFC 7914): 32 MiB, and about a second on a slow telephone. */
  private static final int N = 1 << 15, R = 8, P = 1, STRETCH_BYTES = 32;

  private Opening() {}

  /** 32 bytes from a code and the phone's salt (16 bytes): slow, and costly in memory. */
  public static byte[] stretched(String code, byte[] salt) {
    return SCrypt.generate(Bytes.utf8(code), salt, N, R, P, STRETCH_BYTES);
  }

  /** What the server gets of a code: 32 bytes that say nothing without the salt. */
  public static byte[] tagOf(byte[] stretch) {
    return digest(stretch, Bytes.utf8("egide-opening-tag-1"));
  }

  /** The key (32 bytes) of what the code opens. `part`: the server's half (32 bytes). */
  public static byte[] keyOf(byte[] stretch, byte[] part) {
    return digest(stretch, Bytes.joined(Bytes.utf8("egide-opening-key-1\0"), part));
  }

  /** What the phone's key signs. */
  static byte[] statement(byte[] tag) {
    return Bytes.joined(Bytes.utf8("egide-opening-1\0"), tag);
  }

  /** The body of the request of the phone that has `key`. */
  public static String request(byte[] tag, SigningKey key) {
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("kid", Bytes.toHex(Keys.kidOf(key.publicKey())));
    request.put("tag", Bytes.toBase64url(tag));
    request.put("signature", Bytes.toBase64url(key.sign(statement(tag))));
    return Json.write(request);
  }

  /** The server's half in an answer's body. */
  public static byte[] part(byte[] answer) throws JsonError {
    try {
      return Bytes.fromBase64url(Json.readFields(answer).text("part"), PART_BYTES);
    } catch (IllegalArgumentException error) {
      throw new JsonError("part: " + error.getMessage());
    }
  }

  private static byte[] digest(byte[] key, byte[] words) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(words);
    } catch (GeneralSecurityException error) {
      // Every Java and every Android has it.
      throw new IllegalStateException(error);
    }
  }
}
