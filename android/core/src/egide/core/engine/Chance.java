package egide.core.engine;

/** A number from 0 to 1, by lot: a thousand phones must not return at once. */
public interface Chance {
  double next();
}
