package egide.fake;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.SignatureSpi;

/** Ed25519 with a key of the Keystore, where the hardware does what it announces. */
public final class KeystoreSignature extends SignatureSpi {
  private final Signature inside;

  public KeystoreSignature() throws GeneralSecurityException {
    inside = Signature.getInstance("Ed25519", "SunEC");
  }

  @Override
  protected void engineInitSign(PrivateKey key) throws InvalidKeyException {
    if (Handset.now().keystoreFails) throw new InvalidKeyException("Keystore operation failed");
    inside.initSign(((Keystore.Signing) key).inside());
  }

  @Override
  protected void engineUpdate(byte[] data, int at, int size) throws SignatureException {
    inside.update(data, at, size);
  }

  @Override
  protected void engineUpdate(byte one) throws SignatureException {
    inside.update(one);
  }

  @Override
  protected byte[] engineSign() throws SignatureException {
    return inside.sign();
  }

  @Override
  protected void engineInitVerify(PublicKey key) {
    throw new UnsupportedOperationException();
  }

  @Override
  protected boolean engineVerify(byte[] signature) {
    throw new UnsupportedOperationException();
  }

  @Override
  @Deprecated
  protected void engineSetParameter(String name, Object value) {
    throw new UnsupportedOperationException();
  }

  @Override
  @Deprecated
  protected Object engineGetParameter(String name) {
    throw new UnsupportedOperationException();
  }
}
