package egide.core.newer;

import egide.core.protocol.Bytes;
import egide.core.protocol.Keys;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Who signed an app, if nothing of it was changed since: APK Signature Scheme v2 and v3 (source.android.com), with one signer. Its
 * model is src/egide/fleet/native/apk.py; the platform checks the same once more before it installs anything.
 */
final class SigningBlock {
  private static final byte[] MAGIC = Bytes.utf8("APK Sig Block 42"), END = {'P', 'K', 5, 6};
  private static final int V2 = 0x7109871a, V3 = 0xf05368c0;
  /** By which a signer of version 2 says that a newer signature stands beside it. */
  private static final int IS_NOT_ALONE = 0xbeeff00d;
  private static final int CHUNK_BYTES = 1024 * 1024;

  private final byte[] data;
  private final int end;
  private final int directory;
  private final int block;

  /** An algorithm of the scheme, by its number there: how the digests are made, and how they are signed. */
  private record Algorithm(int number, String digest, String signature) {}

  private static final List<Algorithm> ALGORITHMS = Arrays.asList(
      new Algorithm(0x0103, "SHA-256", "SHA256withRSA"),
      new Algorithm(0x0104, "SHA-512", "SHA512withRSA"),
      new Algorithm(0x0201, "SHA-256", "SHA256withECDSA"),
      new Algorithm(0x0202, "SHA-512", "SHA512withECDSA"));

  private SigningBlock(byte[] data) throws ApkError {
    this.data = data;
    end = lastOf(data, END);
    directory = (int) Bytes.fromLittleEndian(data, end + 16, 4);
    long size = sizeAt(directory - 24);
    if (directory > end || size < 0 || size > directory || !isMagicAt(directory - MAGIC.length)) {
      throw new ApkError("not signed");
    }
    block = directory - (int) size - 8;
    // The size stands before the block and behind it.
    if (block < 0 || sizeAt(block) != size) {
      throw new ApkError("not signed");
    }
  }

  private long sizeAt(int at) {
    return new Pieces(Bytes.slice(data, at, at + 8)).longNumber();
  }

  private boolean isMagicAt(int at) {
    return Arrays.equals(Bytes.slice(data, at, at + MAGIC.length), MAGIC);
  }

  private static int lastOf(byte[] data, byte[] sought) {
    int at = data.length - sought.length;
    while (at >= 0 && !Arrays.equals(Bytes.slice(data, at, at + sought.length), sought)) {
      at--;
    }
    return at;
  }

  /** The SHA-256 of the signer's certificate. */
  static byte[] signerOf(byte[] data) throws ApkError {
    try {
      return new SigningBlock(data).signer();
    } catch (IllegalArgumentException
        | IndexOutOfBoundsException
        | GeneralSecurityException error) {
      throw new ApkError(error);
    }
  }

  private byte[] signer() throws ApkError, GeneralSecurityException {
    byte[] newer = null;
    byte[] older = null;
    Pieces pairs = new Pieces(Bytes.slice(data, block + 8, directory - 24));
    while (!pairs.isEmpty()) {
      Pieces pair = pairs.next(pairs.longNumber());
      int number = pair.number();
      newer = number == V3 ? pair.bytes() : newer;
      older = number == V2 ? pair.bytes() : older;
    }
    if (newer == null && older == null) {
      throw new ApkError("not signed");
    }
    if (newer == null && saysThatItIsNotAlone(older)) {
      throw new ApkError("its newer signature was taken away");
    }
    byte[] one = newer == null ? checked(older, false) : checked(newer, true);
    if (older != null && !Arrays.equals(one, checked(older, false))) {
      throw new ApkError("signed by two");
    }
    return one;
  }

  private static boolean saysThatItIsNotAlone(byte[] scheme) {
    Pieces content = new Pieces(scheme).part().part().part();
    content.part();
    content.part();
    boolean isNotAlone = false;
    for (Pieces attribute : parts(content.part())) {
      isNotAlone |= attribute.number() == IS_NOT_ALONE;
    }
    return isNotAlone;
  }

  private static List<Pieces> parts(Pieces pieces) {
    List<Pieces> parts = new ArrayList<>();
    while (!pieces.isEmpty()) {
      parts.add(pieces.part());
    }
    return parts;
  }

  /** The only signer of one scheme, whose signature and digests hold. */
  private byte[] checked(byte[] scheme, boolean isV3) throws ApkError, GeneralSecurityException {
    List<Pieces> signers = parts(new Pieces(scheme).part());
    if (signers.size() != 1) {
      throw new ApkError(signers.size() + " signers");
    }
    Pieces signer = signers.get(0);
    byte[] content = signer.part().bytes();
    if (isV3) {
      // For which Androids this signer signs.
      signer.longNumber();
    }
    Pieces signatures = signer.part();
    byte[] publicKey = signer.part().bytes();
    Pieces signed = new Pieces(content);
    List<Pieces> digests = parts(signed.part());
    byte[] certificate = parts(signed.part()).get(0).bytes();
    PublicKey key = keyIn(certificate);
    if (!Arrays.equals(key.getEncoded(), publicKey)) {
      throw new ApkError("signed by another than the certificate names");
    }
    for (Pieces signature : parts(signatures)) {
      int number = signature.number();
      for (Algorithm algorithm : ALGORITHMS) {
        if (algorithm.number == number) {
          check(algorithm, key, signature.part().bytes(), content, digests);
          return Keys.sha256(certificate);
        }
      }
    }
    throw new ApkError("signed in a way that is not known here");
  }

  private static PublicKey keyIn(byte[] certificate) throws GeneralSecurityException {
    Certificate read =
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(certificate));
    return read.getPublicKey();
  }

  private void check(Algorithm algorithm, PublicKey key, byte[] signature, byte[] content, List<Pieces> digests)
      throws ApkError, GeneralSecurityException {
    Signature checking = Signature.getInstance(algorithm.signature);
    checking.initVerify(key);
    checking.update(content);
    byte[] told = null;
    for (Pieces digest : digests) {
      int number = digest.number();
      told = number == algorithm.number ? digest.part().bytes() : told;
    }
    if (!checking.verify(signature) || !Arrays.equals(told, digest(algorithm.digest))) {
      throw new ApkError("changed after it was signed");
    }
  }

  /** Of all but the block; for it the directory begins where the block does. */
  private byte[] digest(String name) throws GeneralSecurityException {
    byte[] tail = Bytes.joined(
        Bytes.slice(data, end, end + 16), Bytes.littleEndian(block, 4), Bytes.slice(data, end + 20, data.length));
    MessageDigest chunks = MessageDigest.getInstance(name);
    MessageDigest all = MessageDigest.getInstance(name);
    int count = chunkCount(block) + chunkCount(end - directory) + chunkCount(tail.length);
    all.update((byte) 0x5a);
    all.update(Bytes.littleEndian(count, 4));
    addChunks(all, chunks, data, 0, block);
    addChunks(all, chunks, data, directory, end);
    addChunks(all, chunks, tail, 0, tail.length);
    return all.digest();
  }

  private static int chunkCount(int bytes) {
    return (bytes + CHUNK_BYTES - 1) / CHUNK_BYTES;
  }

  private static void addChunks(MessageDigest all, MessageDigest chunks, byte[] data, int from, int to) {
    for (int at = from; at < to; at += CHUNK_BYTES) {
      int size = Math.min(CHUNK_BYTES, to - at);
      chunks.update((byte) 0xa5);
      chunks.update(Bytes.littleEndian(size, 4));
      chunks.update(data, at, size);
      all.update(chunks.digest());
    }
  }
}
