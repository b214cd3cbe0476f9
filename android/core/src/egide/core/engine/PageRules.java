package egide.core.engine;

import java.net.URI;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** The address, the policy and the types of the app's own pages: all that is served, and nothing of it leaves the phone. */
public final class PageRules {
  /** An address that nobody can serve (RFC 6761: `.invalid` is never resolved). */
  public static final String ORIGIN = "https://pages.invalid";

  public static final String FIRST = ORIGIN + "/native.html";
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; worker-src 'self'; connect-src 'none';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  public static final Map<String, String> HEADERS = named(
      "Content-Security-Policy", POLICY, "Referrer-Policy", "no-referrer", "X-Content-Type-Options", "nosniff");
  private static final Map<String, String> TYPES = named(
      "html", "text/html", "js", "text/javascript", "css", "text/css", "svg", "image/svg+xml", "png", "image/png");

  /** A press as a text, for her own message app: all that leads out of the pages. */
  private static final Pattern TEXT = Pattern.compile("sms:\\+?[0-9]+\\?body=EG1[12]%2F2[A-Za-z0-9_-]+");

  private PageRules() {}

  private static Map<String, String> named(String... namesAndValues) {
    Map<String, String> all = new HashMap<>();
    for (int at = 0; at < namesAndValues.length; at += 2) {
      all.put(namesAndValues[at], namesAndValues[at + 1]);
    }
    return Collections.unmodifiableMap(all);
  }

  /** Which of our files is asked for, with a slash before it; empty for anything else. */
  public static String path(String method, String address) {
    if (!method.equals("GET") || !address.startsWith(ORIGIN + "/")) {
      return "";
    }
    try {
      return URI.create(address).getPath();
    } catch (IllegalArgumentException bent) {
      return "";
    }
  }

  /** Whether a page may lead there, out of the app. */
  public static boolean leadsOut(String address) {
    return TEXT.matcher(address).matches();
  }

  public static String type(String path) {
    return TYPES.getOrDefault(path.substring(path.lastIndexOf('.') + 1), "application/octet-stream");
  }
}
