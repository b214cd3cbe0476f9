package egide.core.protocol;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The SMS road: a signed message in one binary message, or as two texts, for when there is a mobile network and no data.
 *
 * Each text is "EG1", its number, "/", their count, and half of the bytes in base64url: signs that the GSM 7-bit default
 * alphabet has (3GPP TS 23.038, section 6.2.1). The second may ask for an answer: it then ends in "." and the number of
 * a sentence. Vectors: contracts/sms.json.
 */
public final class Sms {
  /** One message of 140 bytes in septets (3GPP TS 23.040, section 9.2.3.16). */
  public static final int LONGEST_TEXT = 160, LONGEST_BYTES = 140;
  private static final int COUNT = 2;
  private static final String MARK = "EG1";
  private static final Pattern ASKING = Pattern.compile("\\.[0-9]+$");
  private static final List<String> LANGUAGES = Arrays.asList("fr", "nl", "de", "en");
  /** Of each language four. */
  private static final int SENTENCES = 4;
  /** Application port addressing, 16 bits (section 9.2.3.24.4): length of the header, element, its length. */
  private static final byte[] PORTS = {6, 5, 4};

  private Sms() {}

  /**
   * The number of the sentence that the phone with this key id (8 bytes) asks for: always the same for a phone.
   * `language`: fr, nl, de or en.
   */
  public static int answerFor(byte[] kid, String language) {
    int at = LANGUAGES.indexOf(language);
    if (at < 0) {
      throw new IllegalArgumentException("language " + language + ": fr, nl, de or en");
    }
    return at * SENTENCES + (kid[0] & 0xff) % SENTENCES + 1;
  }

  /** `envelope` (230 bytes at most; a press has 133 at most) as two texts, which ask for `answer` (0: for none). */
  public static List<String> texts(byte[] envelope, int answer) {
    int half = (envelope.length + 1) / COUNT;
    String first = head(1) + Bytes.toBase64url(Bytes.slice(envelope, 0, half));
    String second = head(2) + Bytes.toBase64url(Bytes.slice(envelope, half, envelope.length));
    String asking = answer == 0 ? second : second + "." + answer;
    if (Math.max(first.length(), asking.length()) > LONGEST_TEXT) {
      throw new IllegalArgumentException(envelope.length + " bytes do not fit into " + COUNT + " text messages");
    }
    return Arrays.asList(first, asking);
  }

  /**
   * The bytes that two texts carry, in whatever order they come. Throws IllegalArgumentException for anything but a
   * pair.
   */
  public static byte[] envelope(List<String> texts) {
    List<String> ordered = new ArrayList<>(texts);
    Collections.sort(ordered);
    if (ordered.size() != COUNT) {
      throw new IllegalArgumentException(ordered.size() + " text messages, expected " + COUNT);
    }
    return Bytes.joined(half(ordered.get(0), 1), half(ordered.get(1), 2));
  }

  private static byte[] half(String text, int number) {
    if (!text.startsWith(head(number)) || text.length() > LONGEST_TEXT) {
      throw new IllegalArgumentException("not part " + number + " of a message");
    }
    String body = text.substring(head(number).length());
    return Bytes.fromBase64url(number == COUNT ? ASKING.matcher(body).replaceFirst("") : body);
  }

  private static String head(int number) {
    return MARK + number + "/" + COUNT;
  }

  /**
   * The user data header of a binary message to `port`. A platform that writes the header itself (Android does) gives
   * the originator's port, which names the `answer`, as 0.
   */
  public static byte[] header(int port, int answer) {
    return Bytes.joined(PORTS, Bytes.bigEndian(port, 2), Bytes.bigEndian(answer, 2));
  }

  /** Whether `envelope` fits into one binary message. */
  public static boolean fitsBinary(byte[] envelope) {
    return header(0, 0).length + envelope.length <= LONGEST_BYTES;
  }
}
