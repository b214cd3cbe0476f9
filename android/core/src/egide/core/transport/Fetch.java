package egide.core.transport;

import java.io.File;
import java.util.function.Consumer;

/** The road on which files come. No redirect is followed. */
public interface Fetch {
  /**
   * `then` gets whether `target` has exactly `bytes` bytes now: a longer or shorter answer is none. It is told in the core's
   * thread, unless the call was cancelled before.
   */
  Http.Call fetch(String url, File target, long bytes, Consumer<Boolean> then);
}
