package egide.core.rules;

import egide.core.protocol.ButtonFrame;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What the phone decides, without radio, clock, disk or network. Its model is src/egide/companion/rules.py. */
public final class Rules {
  /** Growing pauses between attempts, with full jitter so that a thousand phones do not return at once. */
  public static final long SHORTEST_PAUSE_US = 50_000, FIRST_PAUSE_US = 500_000;
  public static final long LONGEST_PRESS_PAUSE_US = 15_000_000, LONGEST_PAUSE_US = 300_000_000;

  /**
   * Where a server limits this phone, what it says of the time is not signed: no word of it silences a phone for longer
   * than a press pauses at most, and none makes it ask without end.
   */
  public static final long SHORTEST_WAIT_US = 1_000_000, LONGEST_WAIT_US = LONGEST_PRESS_PAUSE_US;
  /**
   * Told so again and again for this long, the same message counts as refused: intake's room needs ten seconds to fill, and more
   * where it is slow.
   */
  public static final long LIMITED_FOR_US = 60_000_000;

  /** A button tells in whole seconds how old a press is. A hold that begins once the test is armed takes as long. */
  public static final long AGE_STEP_US = 1_000_000;

  public static final int CONNECT_TIMEOUT_MS = 2000, ANSWER_TIMEOUT_MS = 5000;
  /** An address that is silent for so long is not waited for alone: the next one is asked too (decision 0072). */
  public static final long BESIDE_US = 1_500_000;

  /** So often a phone speaks while an officer's test is armed: the first reply that does not name it ends it. */
  public static final long ARMED_TELL_US = 10_000_000;

  public static final long TEST_LASTS_US = 120_000_000, TEST_DUE_US = 30L * 86_400 * 1_000_000;

  /** What the desk may ask, and what is answered with one finger. */
  public static final List<String> QUESTIONS = Arrays.asList("safe", "there", "weapon", "speak", "children");
  public static final List<String> ANSWERS = Arrays.asList("yes", "no", "here", "safe", "weapon");

  private static final long QUICK_TELL_US = 1_000_000;
  private static final int QUICK_TELLS = 10;
  private static final long LONGEST_LEAP = 1_000_000;

  /** So far behind the highest counter a press that was never kept still counts (RFC 4303, section 3.4.3). */
  private static final long REPLAY_WINDOW = 64;

  private Rules() {}

  /**
   * Judges an authentic frame against the highest counter so far; `isKept`: its own counter is in the store.
   *
   * A press may be heard after a later one, when its first copies were lost. What lies further back is an old frame
   * held back by somebody, or a button that lost its memory: it raises no alarm, and is reported to the zone.
   */
  public static Verdict judge(ButtonFrame frame, long highest, boolean isKept) {
    if (isKept) {
      return Verdict.DUPLICATE;
    }
    return frame.counter() > highest - REPLAY_WINDOW ? Verdict.ACCEPT : Verdict.REPLAY;
  }

  /**
   * Whether a press is the armed test: made while it was armed, and no alarm is open (safety rule 20). `pressedAtUs` is
   * null for a press whose age nobody knows: that one is real. It may have been made up to `earlierUs` before.
   */
  public static boolean isTest(Long pressedAtUs, Armed armed, boolean alarmIsOpen, long earlierUs) {
    if (alarmIsOpen || pressedAtUs == null) {
      return false;
    }
    return armed.fromUs() <= pressedAtUs - earlierUs && pressedAtUs < armed.untilUs();
  }

  /** Whether the phone asks for a test: there was none (null), or none within thirty days. */
  public static boolean testIsDue(Long testedAtUs, long nowUs) {
    return testedAtUs == null || nowUs - testedAtUs > TEST_DUE_US;
  }

  /**
   * Pause before the next attempt after `failures` (1 or more) in a row: anything up to a limit that doubles.
   * `chance`: from 0 to 1.
   */
  public static long pauseUs(int failures, long longestUs, double chance) {
    long limit = Math.min(longestUs, FIRST_PAUSE_US << Math.min(failures - 1, 16));
    return SHORTEST_PAUSE_US + Math.round((limit - SHORTEST_PAUSE_US) * chance);
  }

  /**
   * How long a server that limits this phone is left alone, by its Retry-After (RFC 9110, section 10.2.3): within bounds,
   * and the shortest where it says no number of seconds.
   */
  public static long waitUs(String retryAfter) {
    long saidS = retryAfter.matches("[0-9]{1,9}") ? Long.parseLong(retryAfter) : 0;
    return Math.min(Math.max(SHORTEST_WAIT_US, saidS * 1_000_000), LONGEST_WAIT_US);
  }

  /**
   * Pause before the next position of an alarm in `state`, when `told` positions have been given.
   *
   * The first fixes are the worst ones and the first replies the ones she waits for, so the beginning is quicker.
   */
  public static long tellAfterUs(long intervalUs, String state, int told) {
    boolean isWaiting = !state.equals("acknowledged") && !state.equals("closed");
    return isWaiting && told < QUICK_TELLS ? Math.min(intervalUs, QUICK_TELL_US) : intervalUs;
  }

  /**
   * `url` without a trailing slash, if it may carry messages. Throws IllegalArgumentException.
   *
   * Plain HTTP is for this machine alone; a message is signed, but where somebody is must not be readable.
   */
  public static String checkServer(String url) {
    URI parts;
    try {
      parts = new URI(url);
    } catch (URISyntaxException error) {
      throw new IllegalArgumentException("server address " + url + ": give https://host[:port]", error);
    }
    String scheme = String.valueOf(parts.getScheme()).toLowerCase(Locale.ROOT);
    boolean isSecure = scheme.equals("https");
    if (parts.getHost() == null || !isSecure && !scheme.equals("http")) {
      throw new IllegalArgumentException("server address " + url + ": give https://host[:port]");
    }
    if (!isSecure && !isLoopback(parts.getHost().toLowerCase(Locale.ROOT))) {
      throw new IllegalArgumentException("server address " + url + ": only https:// leaves this machine");
    }
    return url.replaceAll("/+$", "");
  }

  /** `said`, or where that is no address any more the first of `known` that is one. Throws IllegalArgumentException. */
  public static String firstServer(String said, List<String> known) {
    for (int at = -1; at < known.size(); at++) {
      try {
        return checkServer(at < 0 ? said : known.get(at));
      } catch (IllegalArgumentException unreadable) {
        continue;
      }
    }
    throw new IllegalArgumentException("no server address: of " + known.size() + " none can be used");
  }

  private static boolean isLoopback(String host) {
    return host.equals("localhost")
        || host.endsWith(".localhost")
        || host.equals("[::1]")
        || host.matches("127(\\.[0-9]{1,3}){3}");
  }

  /**
   * The counter of the next message, when the server expects `told`: never lower than our own.
   *
   * A phone restored from a back-up lags behind and catches up so. A leap that no phone makes is not followed, because
   * the counters are finite.
   */
  public static long nextCounter(long own, long told) {
    return own < told && told <= own + LONGEST_LEAP ? told : own;
  }

  /** Whether `text` may be a code: four to eight digits. */
  public static boolean isPin(String text) {
    return text.matches("[0-9]{4,8}");
  }
}
