package egide.core.newer;

import egide.core.protocol.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Signed apps of next to nothing, made as Android's documents say (resource types, APK Signature Scheme v2). */
public final class Apks {
  private static final int ECDSA = 0x0201, V2 = 0x7109871a, NONE = -1;

  /** A key (PKCS #8) and its certificate, made for these tests alone. */
  public record Signer(String key, String certificate) {
    byte[] der() {
      return Base64.getDecoder().decode(certificate);
    }
  }

  public static final Signer AUTHORITY = new Signer(
      "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg+9BTpfjdb4z5LynjGH6BfydoiW/KaVWh7xN0LKpOpNyhRANCAAQe"
          + "UnU6edZDaDtyF2kSygOiN3StOS7np+jMK1rMJo7OGy81vkAJov+SYUHPCSQUyU0Tz20fyNEIN4LMwYgalDuV",
      "MIIBFjCBvaADAgECAgEHMAoGCCqGSM49BAMCMBQxEjAQBgNVBAMMCWF1dGhvcml0eTAgFw0yNjAxMDEwMDAwMDBaGA8yMDUwMDgy"
          + "MzAwMDAwMFowFDESMBAGA1UEAwwJYXV0aG9yaXR5MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEHlJ1OnnWQ2g7chdpEsoDojd0"
          + "rTku56fozCtazCaOzhsvNb5ACaL/kmFBzwkkFMlNE89tH8jRCDeCzMGIGpQ7lTAKBggqhkjOPQQDAgNIADBFAiEAgWnJBaL3FIVv"
          + "eay/jn6DyaJr2gzLSA2RqINkZdYLThgCIAp014tBsSUFnn9ClmsMN5uOGET37p7LRonnoUz7cz3p");
  public static final Signer STRANGER = new Signer(
      "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg/uRepPzzORT1js4apWzBWPVHqiWqXSmVyRZ/lr/iBfqhRANCAAQ1"
          + "ifGRsHHu4uabogfJgVlHf6o67Wq78bgDC0WIaQzBDhkAw1KXu+DjgN4ODRPl1T2qt3XP2Y5b/u2ZZNoCw2UR",
      "MIIBEzCBu6ADAgECAgEHMAoGCCqGSM49BAMCMBMxETAPBgNVBAMMCHN0cmFuZ2VyMCAXDTI2MDEwMTAwMDAwMFoYDzIwNTAwODIz"
          + "MDAwMDAwWjATMREwDwYDVQQDDAhzdHJhbmdlcjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABDWJ8ZGwce7i5puiB8mBWUd/qjrt"
          + "arvxuAMLRYhpDMEOGQDDUpe74OOA3g4NE+XVPaq3dc/Zjlv+7Zlk2gLDZREwCgYIKoZIzj0EAwIDRwAwRAIgdyFvAsAoezYyh06N"
          + "PI1c27dtLi85a57p8tT/hagd3V0CIDpjMxwFjq1EwYpfBOCtYN2JkKDQUajcJmp0Jn9LuWmX");

  private Apks() {}

  public static byte[] app(long versionCode) {
    return app("local.daily.notes", versionCode, AUTHORITY);
  }

  public static byte[] app(String name, long versionCode, Signer signer) {
    return signed(unsigned(manifest(name, versionCode, "0." + versionCode), 0), signer, signer);
  }

  /** `more` bytes that no packing makes smaller. */
  public static byte[] unsigned(byte[] manifest, int more) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    byte[] dex = new byte[8 + more];
    new java.util.Random(more).nextBytes(dex);
    try (ZipOutputStream archive = new ZipOutputStream(packed)) {
      archive.putNextEntry(new ZipEntry("AndroidManifest.xml"));
      archive.write(manifest);
      archive.putNextEntry(new ZipEntry("classes.dex"));
      archive.write(dex);
    } catch (IOException error) {
      throw new IllegalStateException(error);
    }
    return packed.toByteArray();
  }

  private static byte[] number(long number) {
    return Bytes.littleEndian(number, 4);
  }

  private static byte[] small(long... numbers) {
    byte[] data = {};
    for (long number : numbers) {
      data = Bytes.joined(data, Bytes.littleEndian(number, 2));
    }
    return data;
  }

  private static byte[] part(byte[]... data) {
    byte[] all = Bytes.joined(data);
    return Bytes.joined(number(all.length), all);
  }

  /** The head of an app's manifest, in the binary form. */
  public static byte[] manifest(String name, long versionCode, String version) {
    byte[] offsets = {};
    byte[] texts = {};
    String[] strings = {"versionCode", "versionName", "package", "manifest", version, name};
    for (String each : strings) {
      offsets = Bytes.joined(offsets, number(texts.length));
      byte length = (byte) each.length();
      texts = Bytes.joined(texts, new byte[] {length, length}, Bytes.utf8(each), new byte[1]);
    }
    texts = Bytes.joined(texts, new byte[-texts.length & 3]);
    int start = 28 + offsets.length;
    byte[] pool = Bytes.joined(
        small(1, 28), number(start + texts.length), number(strings.length), number(0), number(1 << 8), number(start), number(0), offsets, texts);
    byte[] attributes = Bytes.joined(attribute(0, NONE, 0x10, versionCode), attribute(1, 4, 3, 4), attribute(2, 5, 3, 5));
    byte[] element = Bytes.joined(
        small(0x0102, 16), number(36 + attributes.length), number(1), number(NONE), number(NONE), number(3), small(20, 20, 3, 0, 0, 0), attributes);
    return Bytes.joined(small(3, 8), number(8 + pool.length + element.length), pool, element);
  }

  private static byte[] attribute(int name, int raw, int kind, long value) {
    return Bytes.joined(number(NONE), number(name), number(raw), small(8), new byte[] {0, (byte) kind}, number(value));
  }

  private static byte[] digest(byte first, byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(first);
      for (byte[] part : parts) {
        digest.update(part);
      }
      return digest.digest();
    } catch (GeneralSecurityException error) {
      throw new IllegalStateException(error);
    }
  }

  private static byte[] chunk(byte[] data) {
    return digest((byte) 0xa5, number(data.length), data);
  }

  /** With a block of one signer before the directory; `claims`: whose certificate stands in it. Each section is one chunk. */
  public static byte[] signed(byte[] data, Signer signer, Signer claims) {
    int end = data.length - 22;
    int directory = (int) Bytes.fromLittleEndian(data, end + 16, 4);
    byte[] entries = Bytes.slice(data, 0, directory);
    byte[] listing = Bytes.slice(data, directory, end);
    byte[] digest = digest(
        (byte) 0x5a, number(3), chunk(entries), chunk(listing), chunk(Bytes.slice(data, end, data.length)));
    byte[] content = Bytes.joined(part(part(number(ECDSA), part(digest))), part(part(claims.der())), part());
    try {
      byte[] secret = Base64.getDecoder().decode(signer.key);
      Signature signing = Signature.getInstance("SHA256withECDSA");
      signing.initSign(KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(secret)));
      signing.update(content);
      byte[] publicKey = java.security.cert.CertificateFactory.getInstance("X.509")
          .generateCertificate(new java.io.ByteArrayInputStream(claims.der()))
          .getPublicKey()
          .getEncoded();
      byte[] one = Bytes.joined(part(content), part(part(number(ECDSA), part(signing.sign()))), part(publicKey));
      byte[] scheme = part(part(one));
      byte[] pairs = Bytes.joined(Bytes.littleEndian(scheme.length + 4, 8), number(V2), scheme);
      byte[] size = Bytes.littleEndian(pairs.length + 24, 8);
      byte[] block = Bytes.joined(size, pairs, size, Bytes.utf8("APK Sig Block 42"));
      byte[] tail = Bytes.joined(
          Bytes.slice(data, end, end + 16), number(directory + block.length), Bytes.slice(data, end + 20, data.length));
      return Bytes.joined(entries, block, listing, tail);
    } catch (GeneralSecurityException error) {
      throw new IllegalStateException(error);
    }
  }
}
