package egide.fake;

import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.AEADBadTagException;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.CipherSpi;
import javax.crypto.IllegalBlockSizeException;

/** AES-GCM with a key of the Keystore: it draws the nonce itself. */
public final class KeystoreCipher extends CipherSpi {
  private final Cipher inside;

  public KeystoreCipher() throws GeneralSecurityException {
    inside = Cipher.getInstance("AES/GCM/NoPadding", "SunJCE");
  }

  @Override
  protected void engineInit(int mode, Key key, SecureRandom random) throws InvalidKeyException {
    if (mode != Cipher.ENCRYPT_MODE) throw new InvalidKeyException("a nonce is needed");
    inside.init(mode, ((Keystore.Sealing) key).inside());
  }

  @Override
  protected void engineInit(int mode, Key key, AlgorithmParameterSpec spec, SecureRandom random)
      throws InvalidKeyException, InvalidAlgorithmParameterException {
    if (mode == Cipher.ENCRYPT_MODE) throw new InvalidAlgorithmParameterException("Caller-provided IV not permitted");
    inside.init(mode, ((Keystore.Sealing) key).inside(), spec);
  }

  @Override
  protected void engineInit(int mode, Key key, AlgorithmParameters parameters, SecureRandom random) {
    throw new UnsupportedOperationException();
  }

  @Override
  protected void engineUpdateAAD(byte[] data, int at, int size) {
    inside.updateAAD(data, at, size);
  }

  @Override
  protected byte[] engineDoFinal(byte[] data, int at, int size) throws IllegalBlockSizeException, BadPaddingException, AEADBadTagException {
    return inside.doFinal(data, at, size);
  }

  @Override
  protected byte[] engineGetIV() {
    return inside.getIV();
  }

  @Override
  protected byte[] engineUpdate(byte[] data, int at, int size) {
    throw new UnsupportedOperationException();
  }

  @Override
  protected int engineUpdate(byte[] data, int at, int size, byte[] out, int outAt) {
    throw new UnsupportedOperationException();
  }

  @Override
  protected int engineDoFinal(byte[] data, int at, int size, byte[] out, int outAt) {
    throw new UnsupportedOperationException();
  }

  @Override
  protected void engineSetMode(String mode) throws NoSuchAlgorithmException {
    throw new NoSuchAlgorithmException(mode);
  }

  @Override
  protected void engineSetPadding(String padding) {
    throw new UnsupportedOperationException();
  }

  @Override
  protected int engineGetBlockSize() {
    return inside.getBlockSize();
  }

  @Override
  protected int engineGetOutputSize(int size) {
    return inside.getOutputSize(size);
  }

  @Override
  protected AlgorithmParameters engineGetParameters() {
    return inside.getParameters();
  }
}
