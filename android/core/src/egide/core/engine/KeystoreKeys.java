package egide.core.engine;

import egide.core.ports.Keys;
import egide.core.protocol.Bytes;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/** A platform's own key store, by Java's words for it. How a key is made there only the platform says. */
public final class KeystoreKeys implements Keys {
  /** The names of the two keys. */
  public static final String SEALING = "sealing", SIGNING = "signing";
  private static final String CIPHER = "AES/GCM/NoPadding";
  private static final int IV_BYTES = 12, TAG_BITS = 128, PUBLIC_BYTES = 32;

  private final String name;
  private final Making making;

  /** Makes what is not there yet. */
  public interface Making {
    /** For AES in GCM. */
    Key makeSealing() throws GeneralSecurityException;

    /** Whether the hardware has Ed25519. */
    boolean canSign();

    void makeSigning() throws GeneralSecurityException;
  }

  /** `name`: of the store, as `KeyStore.getInstance` knows it. */
  public KeystoreKeys(String name, Making making) {
    this.name = name;
    this.making = making;
  }

  private KeyStore store() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(name);
    store.load(null);
    return store;
  }

  private Key sealing() throws GeneralSecurityException, IOException {
    Key key = store().getKey(SEALING, null);
    return key != null ? key : making.makeSealing();
  }

  @Override
  public byte[] seal(byte[] plain, String label) {
    try {
      Cipher cipher = Cipher.getInstance(CIPHER);
      // The platform draws the nonce itself, and refuses one of ours.
      cipher.init(Cipher.ENCRYPT_MODE, sealing());
      cipher.updateAAD(Bytes.utf8(label));
      return Bytes.joined(cipher.getIV(), cipher.doFinal(plain));
    } catch (GeneralSecurityException | IOException error) {
      throw new IllegalStateException("the keystore seals nothing", error);
    }
  }

  @Override
  public byte[] open(byte[] sealed, String label) {
    if (sealed.length < IV_BYTES) {
      throw new IllegalStateException("too short to be sealed");
    }
    try {
      Cipher cipher = Cipher.getInstance(CIPHER);
      cipher.init(Cipher.DECRYPT_MODE, sealing(), new GCMParameterSpec(TAG_BITS, sealed, 0, IV_BYTES));
      cipher.updateAAD(Bytes.utf8(label));
      return cipher.doFinal(sealed, IV_BYTES, sealed.length - IV_BYTES);
    } catch (GeneralSecurityException | IOException error) {
      throw new IllegalStateException("not sealed by this phone, or damaged", error);
    }
  }

  @Override
  public byte[] signingKey() {
    if (!making.canSign()) {
      return null;
    }
    try {
      if (!store().containsAlias(SIGNING)) {
        making.makeSigning();
      }
      byte[] encoded = store().getCertificate(SIGNING).getPublicKey().getEncoded();
      byte[] key = Arrays.copyOfRange(encoded, encoded.length - PUBLIC_BYTES, encoded.length);
      // A maker may announce what its hardware then refuses: it is not believed before it has signed once.
      return sign(new byte[] {0}).length == 2 * PUBLIC_BYTES ? key : null;
    } catch (GeneralSecurityException | IOException | RuntimeException refused) {
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
    } catch (GeneralSecurityException | IOException error) {
      throw new IllegalStateException("the keystore signs nothing", error);
    }
  }
}
