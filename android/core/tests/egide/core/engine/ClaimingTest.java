package egide.core.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import egide.core.protocol.Bytes;
import egide.core.protocol.Frame;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Both sides of a claim: which buttons a phone believes. */
final class ClaimingTest {
  private static final byte[] KEY = new byte[16], OTHER = {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  private static final byte[] NONCE = {1, 2, 3, 4, 5, 6, 7, 8};

  private byte drawn;

  private Claiming claiming() {
    return claiming(KEY);
  }

  private Claiming claiming(byte[] key) {
    return new Claiming(key, size -> {
      byte[] fresh = new byte[size];
      Arrays.fill(fresh, ++drawn);
      return fresh;
    });
  }

  private static byte[] offered(byte[] nonce) {
    return Bytes.joined(new byte[] {0}, nonce);
  }

  /** What the button of the kit answers to a proof. */
  private static byte[] answer(byte[] buttonNonce, byte[] proof) {
    byte[] mac = PlayedPlatform.mac("egide-c2", buttonNonce, Bytes.slice(proof, 0, Frame.NONCE_BYTES));
    return Bytes.joined(new byte[] {1}, Bytes.slice(mac, 0, 8));
  }

  @Test
  void aButtonWithTheSameKeyIsBelieved() {
    Claiming claiming = claiming();
    byte[] proof = claiming.proof(offered(NONCE));
    assertEquals(16, proof.length);
    assertTrue(claiming.isOurs(answer(NONCE, proof)));
  }

  @Test
  void aButtonOfAnotherKitIsNot() {
    Claiming claiming = claiming(OTHER);
    assertFalse(claiming.isOurs(answer(NONCE, claiming.proof(offered(NONCE)))));
  }

  @Test
  void anAnswerOfAnEarlierConnectionIsNone() {
    Claiming claiming = claiming();
    byte[] earlier = answer(NONCE, claiming.proof(offered(NONCE)));
    assertFalse(Arrays.equals(claiming.proof(offered(NONCE)), claiming.proof(offered(NONCE))));
    assertFalse(claiming.isOurs(earlier));
  }

  @Test
  void ourOwnProofSaidBackIsNoAnswer() {
    Claiming claiming = claiming();
    byte[] proof = claiming.proof(offered(NONCE));
    assertFalse(claiming.isOurs(Bytes.joined(new byte[] {1}, Bytes.slice(proof, 8, 16))));
  }

  @Test
  void whatIsNoOfferGetsNoProofAndWhatIsNoAnswerIsNotBelieved() {
    Claiming claiming = claiming();
    assertNull(claiming.proof(new byte[0]));
    assertNull(claiming.proof(NONCE));
    assertNull(claiming.proof(Bytes.joined(new byte[] {1}, NONCE)));
    assertFalse(claiming.isOurs(new byte[9]));
    claiming.proof(offered(NONCE));
    for (byte[] bad : new byte[][] {{}, {1}, new byte[9], new byte[16]}) {
      assertFalse(claiming.isOurs(bad));
    }
  }
}
