package egide.core.protocol;

/** Position in 1e-7 degree (WGS84) with the radius that holds it, and its age when the message was made. */
public record Position(long latE7, long lonE7, long accuracyM, long ageS, long source) {}
