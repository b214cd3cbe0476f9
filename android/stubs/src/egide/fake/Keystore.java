package egide.fake;

import android.security.keystore.KeyGenParameterSpec;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyPairGeneratorSpi;
import java.security.KeyStoreException;
import java.security.KeyStoreSpi;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Security;
import java.security.cert.Certificate;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.util.Collections;
import java.util.Date;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.Map;
import javax.crypto.KeyGenerator;
import javax.crypto.KeyGeneratorSpi;
import javax.crypto.SecretKey;

/**
 * The telephone's Keystore, as a provider of Java: keys by their names, which nobody can read out. It signs with Ed25519 where the
 * hardware is new enough (KeyMint 2.0, Android 13), and refuses a nonce that an app brings along.
 */
public final class Keystore extends Provider {
  private static final long serialVersionUID = 1;
  /** Of the one telephone of a trial; they outlive its processes and restarts. */
  static final Map<String, Object> keys = new HashMap<>();

  /** For each name what lies behind it is what only these classes see. */
  record Sealing(SecretKey inside) implements SecretKey {
    @Override
    public String getAlgorithm() {
      return "AES";
    }

    @Override
    public String getFormat() {
      return null;
    }

    @Override
    public byte[] getEncoded() {
      return null;
    }
  }

  record Signing(PrivateKey inside, PublicKey outside) implements PrivateKey {
    @Override
    public String getAlgorithm() {
      return "EC";
    }

    @Override
    public String getFormat() {
      return null;
    }

    @Override
    public byte[] getEncoded() {
      return null;
    }
  }

  private Keystore() {
    super("AndroidKeyStore", "1", "invented");
    put("KeyStore.AndroidKeyStore", Store.class.getName());
    put("KeyGenerator.AES", Secrets.class.getName());
    put("KeyPairGenerator.EC", Pairs.class.getName());
    put("Cipher.AES/GCM/NoPadding", KeystoreCipher.class.getName());
    put("Cipher.AES/GCM/NoPadding SupportedKeyClasses", Sealing.class.getName());
    put("Signature.Ed25519", KeystoreSignature.class.getName());
    put("Signature.Ed25519 SupportedKeyClasses", Signing.class.getName());
  }

  /** A telephone whose Keystore is empty, as after somebody removed its lock screen or reset it. */
  static void begin() {
    keys.clear();
    if (Security.getProvider("AndroidKeyStore") == null) Security.addProvider(new Keystore());
  }

  /** Names and keys; a certificate stands for each public key. */
  public static final class Store extends KeyStoreSpi {
    @Override
    public Key engineGetKey(String alias, char[] password) {
      return (Key) keys.get(alias);
    }

    @Override
    public boolean engineContainsAlias(String alias) {
      return keys.containsKey(alias);
    }

    @Override
    public Certificate engineGetCertificate(String alias) {
      return keys.get(alias) instanceof Signing signing ? new Naming(signing.outside) : null;
    }

    @Override
    public void engineLoad(InputStream stream, char[] password) {
      if (stream != null) throw new IllegalArgumentException("InputStream not supported");
    }

    @Override
    public Enumeration<String> engineAliases() {
      return Collections.enumeration(keys.keySet());
    }

    @Override
    public int engineSize() {
      return keys.size();
    }

    @Override
    public boolean engineIsKeyEntry(String alias) {
      return keys.containsKey(alias);
    }

    @Override
    public void engineDeleteEntry(String alias) {
      keys.remove(alias);
    }

    @Override
    public Certificate[] engineGetCertificateChain(String alias) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Date engineGetCreationDate(String alias) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void engineSetKeyEntry(String alias, Key key, char[] password, Certificate[] chain) throws KeyStoreException {
      throw new KeyStoreException("keys are made here alone");
    }

    @Override
    public void engineSetKeyEntry(String alias, byte[] key, Certificate[] chain) throws KeyStoreException {
      throw new KeyStoreException("keys are made here alone");
    }

    @Override
    public void engineSetCertificateEntry(String alias, Certificate certificate) throws KeyStoreException {
      throw new KeyStoreException("keys are made here alone");
    }

    @Override
    public boolean engineIsCertificateEntry(String alias) {
      return false;
    }

    @Override
    public String engineGetCertificateAlias(Certificate certificate) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void engineStore(OutputStream stream, char[] password) {
      throw new UnsupportedOperationException();
    }
  }

  private static String alias(AlgorithmParameterSpec spec) throws InvalidAlgorithmParameterException {
    if (spec instanceof KeyGenParameterSpec wanted) return wanted.alias;
    throw new InvalidAlgorithmParameterException("KeyGenParameterSpec");
  }

  /** Makes keys that seal. */
  public static final class Secrets extends KeyGeneratorSpi {
    private String alias;

    @Override
    protected void engineInit(AlgorithmParameterSpec spec, SecureRandom random) throws InvalidAlgorithmParameterException {
      alias = alias(spec);
    }

    @Override
    protected void engineInit(SecureRandom random) {
      throw new UnsupportedOperationException();
    }

    @Override
    protected void engineInit(int bits, SecureRandom random) {
      throw new UnsupportedOperationException();
    }

    @Override
    protected SecretKey engineGenerateKey() {
      try {
        KeyGenerator generator = KeyGenerator.getInstance("AES", "SunJCE");
        generator.init(256);
        Sealing made = new Sealing(generator.generateKey());
        keys.put(alias, made);
        return made;
      } catch (GeneralSecurityException error) {
        throw new AssertionError(error);
      }
    }
  }

  /** Makes keys that sign, where the hardware can. */
  public static final class Pairs extends KeyPairGeneratorSpi {
    private String alias;

    @Override
    public void initialize(AlgorithmParameterSpec spec, SecureRandom random) throws InvalidAlgorithmParameterException {
      alias = alias(spec);
      boolean isEd25519 = ((KeyGenParameterSpec) spec).curve instanceof ECGenParameterSpec curve && curve.getName().equals("ed25519");
      if (!isEd25519) throw new InvalidAlgorithmParameterException("curve");
      if (!Handset.now().hasKeyMint2) throw new InvalidAlgorithmParameterException("Unsupported EC curve name: ed25519");
    }

    @Override
    public void initialize(int bits, SecureRandom random) {
      throw new UnsupportedOperationException();
    }

    @Override
    public KeyPair generateKeyPair() {
      try {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519", "SunEC").generateKeyPair();
        keys.put(alias, new Signing(pair.getPrivate(), pair.getPublic()));
        return pair;
      } catch (GeneralSecurityException error) {
        throw new AssertionError(error);
      }
    }
  }

  /** All that anybody asks of a certificate here. */
  private static final class Naming extends Certificate {
    private static final long serialVersionUID = 1;
    private final transient PublicKey key;

    Naming(PublicKey key) {
      super("X.509");
      this.key = key;
    }

    @Override
    public PublicKey getPublicKey() {
      return key;
    }

    @Override
    public byte[] getEncoded() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void verify(PublicKey by) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void verify(PublicKey by, String provider) {
      throw new UnsupportedOperationException();
    }

    @Override
    public String toString() {
      return "a key's certificate";
    }
  }
}
