package egide.core.protocol;

/**
 * One press as the button tells it. `ageS` is the time since the hold was reached when this copy left, null where the
 * button does not know; so is `batteryPct`.
 */
public record ButtonFrame(long counter, long heldMs, Long ageS, Long batteryPct) {}
