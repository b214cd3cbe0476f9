package egide.app;

import android.content.Context;
import android.content.pm.PackageManager;
import android.os.Build;
import android.security.keystore.KeyGenParameterSpec;
import android.security.keystore.KeyProperties;
import egide.core.ports.Keys;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.spec.GCMParameterSpec;

/** The Android Keystore. No key here asks for an unlocked phone: a press after a restart needs them before anybody came. */
final class Vault implements Keys {
  private static final String STORE = "AndroidKeyStore";
  private static final String SEALING = "sealing";
  private static final String SIGNING = "signing";
  private static final String CIPHER = "AES/GCM/NoPadding";
  private static final int IV_BYTES = 12;
  private static final int TAG_BITS = 128;
  private static final int PUBLIC_BYTES = 32;
  // KeyMint 2.0, which signs with Ed25519 (FEATURE_HARDWARE_KEYSTORE's version).
  private static final int KEYMINT_2 = 200;

  private final boolean signs;

  Vault(Context safe) {
    signs =
        Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU
            && safe.getPackageManager().hasSystemFeature(PackageManager.FEATURE_HARDWARE_KEYSTORE, KEYMINT_2);
  }

  @Override
  public byte[] seal(byte[] plain, String label) {
    try {
      Cipher cipher = Cipher.getInstance(CIPHER);
      // The platform draws the nonce itself, and refuses one of ours.
      cipher.init(Cipher.ENCRYPT_MODE, sealing());
      cipher.updateAAD(label.getBytes(StandardCharsets.UTF_8));
      byte[] sealed = cipher.doFinal(plain);
      byte[] whole = Arrays.copyOf(cipher.getIV(), IV_BYTES + sealed.length);
      System.arraycopy(sealed, 0, whole, IV_BYTES, sealed.length);
      return whole;
    } catch (GeneralSecurityException | java.io.IOException error) {
      throw new IllegalStateException("the keystore seals nothing", error);
    }
  }

  @Override
  public byte[] open(byte[] sealed, String label) {
    if (sealed.length < IV_BYTES) throw new IllegalStateException("too short to be sealed");
    try {
      Cipher cipher = Cipher.getInstance(CIPHER);
      cipher.init(Cipher.DECRYPT_MODE, sealing(), new GCMParameterSpec(TAG_BITS, sealed, 0, IV_BYTES));
      cipher.updateAAD(label.getBytes(StandardCharsets.UTF_8));
      return cipher.doFinal(sealed, IV_BYTES, sealed.length - IV_BYTES);
    } catch (GeneralSecurityException | java.io.IOException error) {
      throw new IllegalStateException("not sealed by this phone, or damaged", error);
    }
  }

  @Override
  public byte[] signingKey() {
    if (!signs) return null;
    try {
      if (!store().containsAlias(SIGNING)) makeSigning();
      byte[] encoded = store().getCertificate(SIGNING).getPublicKey().getEncoded();
      byte[] key = Arrays.copyOfRange(encoded, encoded.length - PUBLIC_BYTES, encoded.length);
      // A maker may announce what its hardware then refuses: it is not believed before it has signed once.
      return sign(new byte[] {0}).length == 2 * PUBLIC_BYTES ? key : null;
    } catch (GeneralSecurityException | java.io.IOException | RuntimeException refused) {
      return null;
    }
  }

  @Override
  public byte[] sign(byte[] message) {
    try {
      Signature signature = Signature.getInstance("Ed25519");
      signature.initSign((PrivateKey) store().getKey(SIGNING, null));
      signature.update(message);
      return signature.sign();
    } catch (GeneralSecurityException | java.io.IOException error) {
      throw new IllegalStateException("the keystore signs nothing", error);
    }
  }

  private static KeyStore store() throws GeneralSecurityException, java.io.IOException {
    KeyStore store = KeyStore.getInstance(STORE);
    store.load(null);
    return store;
  }

  private static Key sealing() throws GeneralSecurityException, java.io.IOException {
    Key key = store().getKey(SEALING, null);
    if (key != null) return key;
    int purposes = KeyProperties.PURPOSE_ENCRYPT | KeyProperties.PURPOSE_DECRYPT;
    KeyGenerator generator = KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, STORE);
    generator.init(
        new KeyGenParameterSpec.Builder(SEALING, purposes)
            .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
            .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
            .setKeySize(256)
            .build());
    return generator.generateKey();
  }

  private static void makeSigning() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(KeyProperties.KEY_ALGORITHM_EC, STORE);
    generator.initialize(
        new KeyGenParameterSpec.Builder(SIGNING, KeyProperties.PURPOSE_SIGN)
            .setAlgorithmParameterSpec(new ECGenParameterSpec("ed25519"))
            .setDigests(KeyProperties.DIGEST_NONE)
            .build());
    generator.generateKeyPair();
  }
}
