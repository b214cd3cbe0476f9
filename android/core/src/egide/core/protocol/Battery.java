package egide.core.protocol;

/** Charge in percent; null where it is not known. */
public record Battery(Long phonePct, Long buttonPct) {}
