package egide.core.engine;

import egide.core.ports.Radio;
import egide.core.protocol.Bytes;
import egide.core.protocol.Compartments;
import egide.core.protocol.Frame;
import java.util.Arrays;

/** The claim of contracts/gatt.md, seen from the phone: both sides show once that they hold the key of this button. */
final class Claiming implements Radio.Claim {
  private static final byte OFFERED = 0, TAKEN = 1;
  private static final int ANSWER_BYTES = 9;

  private final byte[] key;
  private final Compartments.Fresh fresh;
  private byte[] buttonNonce;
  private byte[] phoneNonce;

  /** `fresh` gives random bytes. */
  Claiming(byte[] key, Compartments.Fresh fresh) {
    this.key = key;
    this.fresh = fresh;
  }

  @Override
  public byte[] proof(byte[] offered) {
    if (offered.length != 1 + Frame.NONCE_BYTES || offered[0] != OFFERED) {
      return null;
    }
    buttonNonce = Bytes.slice(offered, 1, offered.length);
    // A nonce for each connection: what one button answered is no answer of another.
    phoneNonce = fresh.bytes(Frame.NONCE_BYTES);
    return Frame.claim(buttonNonce, phoneNonce, key);
  }

  @Override
  public boolean isOurs(byte[] answer) {
    if (phoneNonce == null || answer.length != ANSWER_BYTES || answer[0] != TAKEN) {
      return false;
    }
    return Frame.isAnswer(Arrays.copyOfRange(answer, 1, ANSWER_BYTES), buttonNonce, phoneNonce, key);
  }
}
