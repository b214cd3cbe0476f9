package egide.core.transport;

import egide.core.time.Loop;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URL;

/** One question by the platform's own HTTP: whatever comes first, what it brought or the end of its time, is told. */
abstract class UrlCall<T> implements Http.Call {
  private final Loop loop;
  private volatile HttpURLConnection connection;
  private volatile boolean isOver;
  private Loop.Timer patience;

  UrlCall(Loop loop) {
    this.loop = loop;
  }

  /** `late` is told when nothing came in this time. */
  final UrlCall<T> start(long withinUs, T late) {
    patience = loop.after(withinUs, () -> end(late));
    loop.elsewhere(() -> tried(late), this::end);
    return this;
  }

  /** Waits for the network, in a thread of its own. */
  abstract T asked() throws IOException;

  /** Whatever a platform's HTTP throws, also what no contract of it names, ends this one attempt and never the process. */
  private T tried(T late) {
    try {
      return asked();
    } catch (IOException | RuntimeException | Error thrown) {
      return late;
    }
  }

  /** In the core's thread, and once. */
  abstract void tell(T found);

  /** Of which nobody wants to know any more. */
  final boolean isOver() {
    return isOver;
  }

  /** No redirect is followed, and nothing is kept for another time. */
  final HttpURLConnection open(String url, int connectMs, int silenceMs) throws IOException {
    HttpURLConnection opened = (HttpURLConnection) new URL(url).openConnection();
    connection = opened;
    opened.setConnectTimeout(connectMs);
    opened.setReadTimeout(silenceMs);
    opened.setInstanceFollowRedirects(false);
    opened.setUseCaches(false);
    return opened;
  }

  /** It was read to its end: the platform may use the connection again. */
  final void leave() {
    connection = null;
  }

  private void end(T found) {
    if (!isOver) {
      cancel();
      tell(found);
    }
  }

  private static boolean isGivenUp(HttpURLConnection open) {
    try {
      open.disconnect();
      return true;
    } catch (RuntimeException | Error thrown) {
      return false;
    }
  }

  @Override
  public final void cancel() {
    isOver = true;
    patience.cancel();
    HttpURLConnection open = connection;
    if (open != null) {
      // It may wait for the network, where the core's thread must not.
      loop.elsewhere(() -> isGivenUp(open), ignored -> {});
    }
  }
}
