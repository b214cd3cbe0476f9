package egide.core.store;

/**
 * When this phone meant to speak next, by the clock that nobody sets and that counts from the phone's start; and when that start
 * was, by the clock that people set. Microseconds.
 */
public record Alive(long dueUs, long startUs) {}
