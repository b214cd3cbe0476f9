package egide.core.protocol;

/** What enrols, in its own words, and its version; its key signs this. */
public record Client(String kind, String version) {
  public static final String NATIVE = "native";
}
