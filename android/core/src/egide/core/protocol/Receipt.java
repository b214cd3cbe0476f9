package egide.core.protocol;

import java.util.ArrayList;
import java.util.List;

/**
 * The signed receipt: the server's word that a message is durable, and all that it tells the phone (Ed25519). `seq` is 0
 * for what is not kept as an event (heartbeats). All of it is signed.
 */
public record Receipt(
    long seq,
    String alarm,
    long receivedAtMs,
    String state,
    long nextCounter,
    List<Pending> pending,
    String signature) {
  /** The state of a receipt for what one machine keeps until the journal can be written again. */
  public static final String KEPT = "kept";

  private static final byte[] WORD = Bytes.utf8("egide-receipt-2\0");
  private static final int MOST_WORD_BYTES = (1 << 16) - 1;

  /** The receipt in an answer's body. */
  public static Receipt read(byte[] answer) throws JsonError {
    Fields fields = Json.readFields(answer);
    List<Pending> pending = new ArrayList<>();
    for (Fields each : fields.objects("pending")) {
      pending.add(new Pending(each.text("what"), each.text("text", "")));
    }
    return new Receipt(
        fields.number("seq"),
        fields.text("alarm"),
        fields.number("received_at"),
        fields.text("state"),
        fields.number("next_counter"),
        pending,
        fields.text("signature", ""));
  }

  /**
   * What is signed: a fixed word, SHA-256 of the envelope (32 bytes), seq, time and next counter as 8-byte big-endian
   * numbers, then alarm, state, and `what` and `text` of each pending thing, each as UTF-8 behind its length in two
   * bytes. Throws IllegalArgumentException for numbers and words that do not fit.
   */
  public byte[] statement(byte[] messageHash) {
    List<byte[]> parts = new ArrayList<>();
    parts.add(WORD);
    parts.add(messageHash);
    addNumber(parts, seq);
    addNumber(parts, receivedAtMs);
    addNumber(parts, nextCounter);
    addWord(parts, alarm);
    addWord(parts, state);
    for (Pending each : pending) {
      addWord(parts, each.what());
      addWord(parts, each.text());
    }
    return Bytes.joined(parts.toArray(new byte[0][]));
  }

  private static void addNumber(List<byte[]> parts, long number) {
    if (number < 0) {
      throw new IllegalArgumentException("a number below 0");
    }
    parts.add(Bytes.bigEndian(number, 8));
  }

  private static void addWord(List<byte[]> parts, String word) {
    byte[] encoded = Bytes.utf8(word);
    if (encoded.length > MOST_WORD_BYTES) {
      throw new IllegalArgumentException("a word of " + encoded.length + " bytes");
    }
    parts.add(Bytes.bigEndian(encoded.length, 2));
    parts.add(encoded);
  }

  /** Whether the server that holds `serverKey` (public, 32 bytes) says just this of exactly these bytes. */
  public boolean isValid(byte[] envelope, byte[] serverKey) {
    try {
      byte[] signed = Bytes.fromBase64url(signature, Keys.SIGNATURE_BYTES);
      return Keys.isSignedBy(serverKey, statement(Keys.sha256(envelope)), signed);
    } catch (IllegalArgumentException error) {
      return false;
    }
  }

  /** The text of what is pending under this name; empty for none. */
  public String told(String what) {
    for (Pending each : pending) {
      if (each.what().equals(what)) {
        return each.text();
      }
    }
    return "";
  }

  /** Whether something is pending under this name. */
  public boolean tells(String what) {
    for (Pending each : pending) {
      if (each.what().equals(what)) {
        return true;
      }
    }
    return false;
  }
}
