package egide.app;

import android.content.Context;
import android.content.pm.PackageManager;
import android.os.Build;
import android.security.keystore.KeyGenParameterSpec;
import android.security.keystore.KeyProperties;
import egide.core.engine.KeystoreKeys;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import javax.crypto.KeyGenerator;

/** Makes keys in the Android Keystore. None asks for an unlocked phone: a press after a restart needs them before anybody came. */
final class Vault implements KeystoreKeys.Making {
  static final String STORE = "AndroidKeyStore";
  // KeyMint 2.0, which signs with Ed25519 (FEATURE_HARDWARE_KEYSTORE's version).
  private static final int KEYMINT_2 = 200;
  private final Context safe;

  Vault(Context safe) {
    this.safe = safe;
  }

  @Override
  public boolean canSign() {
    return Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU
        && safe.getPackageManager().hasSystemFeature(PackageManager.FEATURE_HARDWARE_KEYSTORE, KEYMINT_2);
  }

  @Override
  public Key makeSealing() throws GeneralSecurityException {
    int purposes = KeyProperties.PURPOSE_ENCRYPT | KeyProperties.PURPOSE_DECRYPT;
    KeyGenerator generator = KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, STORE);
    generator.init(
        new KeyGenParameterSpec.Builder(KeystoreKeys.SEALING, purposes)
            .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
            .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
            .setKeySize(256)
            .build());
    return generator.generateKey();
  }

  @Override
  public void makeSigning() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(KeyProperties.KEY_ALGORITHM_EC, STORE);
    generator.initialize(
        new KeyGenParameterSpec.Builder(KeystoreKeys.SIGNING, KeyProperties.PURPOSE_SIGN)
            .setAlgorithmParameterSpec(new ECGenParameterSpec("ed25519"))
            .setDigests(KeyProperties.DIGEST_NONE)
            .build());
    generator.generateKeyPair();
  }
}
