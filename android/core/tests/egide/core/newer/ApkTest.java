package egide.core.newer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import egide.core.protocol.Bytes;
import egide.core.protocol.Keys;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A signed app is read as a phone reads it; whatever else it is, it is refused, and nothing breaks. */
final class ApkTest {
  @TempDir
  Path folder;

  private File file(byte[] data) {
    try {
      return Files.write(folder.resolve("some.apk"), data).toFile();
    } catch (IOException error) {
      throw new IllegalStateException(error);
    }
  }

  private void refused(byte[] data) {
    assertThrows(ApkError.class, () -> Apk.read(file(data)));
  }

  @Test
  void whatItIsAndWhoSignedIt() throws ApkError {
    byte[] data = Apks.app(7);
    Apk found = Apk.read(file(data));
    String signer = Bytes.toHex(Keys.sha256(Apks.AUTHORITY.der()));
    assertEquals(new Apk("local.daily.notes", 7, "0.7", Bytes.toHex(Keys.sha256(data)), signer), found);
  }

  @Test
  void oneBitMoreOrLessIsFoundWhereverItIs() {
    byte[] data = Apks.signed(
        Apks.unsigned(Apks.manifest("a.b", 1, "1"), 3_000), Apks.AUTHORITY, Apks.AUTHORITY);
    Random chance = new Random();
    long seed = chance.nextLong();
    chance.setSeed(seed);
    for (int times = 0; times < 50; times++) {
      byte[] bent = data.clone();
      bent[chance.nextInt(3_000)] ^= (byte) (1 << chance.nextInt(8));
      refused(bent);
    }
    for (int times = 0; times < 150; times++) {
      byte[] bent = data.clone();
      for (int more = chance.nextInt(3); more >= 0; more--) {
        bent[chance.nextInt(bent.length)] = (byte) chance.nextInt(256);
      }
      byte[] cut = chance.nextInt(3) == 0 ? Bytes.slice(bent, 0, chance.nextInt(bent.length)) : bent;
      try {
        Apk found = Apk.read(file(cut));
        assertEquals(Bytes.toHex(Keys.sha256(Apks.AUTHORITY.der())), found.signer(), "seed " + seed);
      } catch (ApkError refused) {
        // Nothing else may be thrown.
        continue;
      }
    }
  }

  @Test
  void whoSignedIsWhoTheCertificateNames() {
    byte[] unsigned = Apks.unsigned(Apks.manifest("a.b", 1, "1"), 0);
    refused(Apks.signed(unsigned, Apks.STRANGER, Apks.AUTHORITY));
    refused(unsigned);
  }

  @Test
  void whatIsNoAppIsRefused() {
    refused(new byte[0]);
    refused(new byte[100_000]);
    refused(Bytes.joined(new byte[] {'P', 'K', 5, 6}, new byte[18]));
    refused(Apks.signed(Apks.unsigned(Bytes.utf8("<manifest/>"), 0), Apks.AUTHORITY, Apks.AUTHORITY));
    assertThrows(ApkError.class, () -> Apk.read(folder.resolve("nowhere").toFile()));
  }

  @Test
  void aGiantIsNotEvenRead() throws IOException {
    Path giant = folder.resolve("giant.apk");
    try (java.io.RandomAccessFile file = new java.io.RandomAccessFile(giant.toFile(), "rw")) {
      file.setLength(Apk.MOST_BYTES + 1);
    }
    assertThrows(ApkError.class, () -> Apk.read(giant.toFile()));
  }

  @Test
  void onlyANewerOneOfTheSameNameByTheSameKeyFollows() throws ApkError {
    Apk own = Apk.read(file(Apks.app(7)));
    assertTrue(Apk.read(file(Apks.app(8))).follows(own));
    assertFalse(own.follows(own));
    assertFalse(Apk.read(file(Apks.app(6))).follows(own));
    assertFalse(Apk.read(file(Apks.app("local.daily.other", 8, Apks.AUTHORITY))).follows(own));
    assertFalse(Apk.read(file(Apks.app("local.daily.notes", 8, Apks.STRANGER))).follows(own));
  }
}
