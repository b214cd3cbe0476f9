package egide.core.newer;

import egide.core.protocol.Bytes;
import egide.core.protocol.Keys;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * An app whose signature holds. `name` is that by which phones know it, `sha256` that of the file, `signer` that of the signer's
 * certificate; both hexadecimal.
 */
public record Apk(String name, long versionCode, String version, String sha256, String signer) {
  /** As src/egide/fleet/native/apk.py has it: no app of ours is larger, and nothing larger is fetched. */
  public static final long MOST_BYTES = 8L * 1024 * 1024;
  private static final int MOST_MANIFEST_BYTES = 1024 * 1024;

  /** Reads the file twice over: not for the core's thread. */
  public static Apk read(File file) throws ApkError {
    if (file.length() > MOST_BYTES) {
      throw new ApkError(file.length() + " bytes");
    }
    try {
      byte[] data = Files.readAllBytes(file.toPath());
      String signer = Bytes.toHex(SigningBlock.signerOf(data));
      ManifestHead head = ManifestHead.read(manifestIn(file));
      return new Apk(head.name(), head.versionCode(), head.version(), Bytes.toHex(Keys.sha256(data)), signer);
    } catch (IOException | IllegalArgumentException error) {
      throw new ApkError(error);
    }
  }

  private static byte[] manifestIn(File file) throws IOException, ApkError {
    try (ZipFile archive = new ZipFile(file)) {
      ZipEntry entry = archive.getEntry("AndroidManifest.xml");
      if (entry == null || archive.getEntry("classes.dex") == null || entry.getSize() > MOST_MANIFEST_BYTES) {
        throw new ApkError("no app");
      }
      byte[] manifest = new byte[(int) entry.getSize()];
      try (InputStream stream = archive.getInputStream(entry)) {
        int at = 0;
        for (int size = 0; size >= 0 && at < manifest.length; at += size) {
          size = Math.max(-1, stream.read(manifest, at, manifest.length - at));
          if (size < 0) {
            throw new ApkError("cut off");
          }
        }
      }
      return manifest;
    }
  }

  /** Whether phones that have `own` take this one in its place. */
  boolean follows(Apk own) {
    return name.equals(own.name) && signer.equals(own.signer) && versionCode > own.versionCode;
  }
}
