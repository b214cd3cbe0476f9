package egide.fake;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** Marks what no Android has: a way for tests into a class of the framework. The app may not use it (tools/android/lint.py). */
@Retention(RetentionPolicy.CLASS)
public @interface Beyond {}
