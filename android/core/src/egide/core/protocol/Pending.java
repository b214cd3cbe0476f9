package egide.core.protocol;

/** Something the phone should know: `what` is "seen", "closed", "text", "settings" ... */
public record Pending(String what, String text) {}
