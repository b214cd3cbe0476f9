package egide.core.protocol;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A test that an officer arms on a kit's phone: of this number, which only rises for a kit, and armed until this second
 * of the server's clock at the latest. src/egide/protocol/arming.py says how it travels.
 */
public record Offer(long number, long untilS) {
  /** The word of what is pending, when a reply offers one. */
  public static final String PENDING = "test";
  /** Bodies of notices: the phone armed the test of this number; it let it go before anybody pressed. */
  public static final String ARMED = "test-armed:", LET_GO = "test-off:";
  /** What a test alarm says in its body when an officer armed it; the number follows. */
  public static final String BY_OFFICER = "officer:";

  private static final long MOST_OFFER_S = 30 * 60, MOST_NUMBER = (1L << 32) - 1;
  private static final Pattern TEXT = Pattern.compile("([0-9]{1,10}):([0-9]{1,12})");

  /** What a reply offers; null for what arms nothing: over, too long, without a number, no offer. */
  public static Offer in(Receipt receipt) {
    Matcher found = TEXT.matcher(receipt.told(PENDING));
    if (!receipt.alarm().isEmpty() || !found.matches()) {
      return null;
    }
    Offer offer = new Offer(Long.parseLong(found.group(1)), Long.parseLong(found.group(2)));
    long lastsS = offer.untilS - Math.floorDiv(receipt.receivedAtMs(), 1000L);
    boolean isNumbered = offer.number >= 1 && offer.number <= MOST_NUMBER;
    return isNumbered && lastsS > 0 && lastsS <= MOST_OFFER_S ? offer : null;
  }
}
