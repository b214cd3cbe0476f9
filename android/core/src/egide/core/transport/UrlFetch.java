package egide.core.transport;

import egide.core.rules.Rules;
import egide.core.time.Loop;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.nio.file.Files;
import java.util.function.Consumer;

/** The road for files through the platform's own HTTP. Where data is slow a few hundred kilobytes take minutes. */
public final class UrlFetch implements Fetch {
  private static final int SILENCE_MS = 15_000, OK = 200, PIECE_BYTES = 16 * 1024;
  private static final long WITHIN_US = 600_000_000L;

  private final Loop loop;

  public UrlFetch(Loop loop) {
    this.loop = loop;
  }

  /** One file on its way. */
  private final class Fetching extends UrlCall<Boolean> {
    private final String url;
    private final File target;
    private final long bytes;
    private final Consumer<Boolean> then;

    Fetching(String url, File target, long bytes, Consumer<Boolean> then) {
      super(loop);
      this.url = url;
      this.target = target;
      this.bytes = bytes;
      this.then = then;
    }

    @Override
    void tell(Boolean isFetched) {
      then.accept(isFetched);
    }

    @Override
    Boolean asked() throws IOException {
      HttpURLConnection asked = open(url, Rules.ANSWER_TIMEOUT_MS, SILENCE_MS);
      // Else the platform asks for it packed, and unpacks whatever comes.
      asked.setRequestProperty("Accept-Encoding", "identity");
      return asked.getResponseCode() == OK && isRead(asked);
    }

    private boolean isRead(HttpURLConnection asked) throws IOException {
      try (InputStream body = asked.getInputStream(); OutputStream file = Files.newOutputStream(target.toPath())) {
        byte[] piece = new byte[PIECE_BYTES];
        long got = 0;
        for (int size = body.read(piece); size >= 0 && got <= bytes && !isOver(); size = body.read(piece)) {
          got += size;
          if (got <= bytes) {
            file.write(piece, 0, size);
          }
        }
        return got == bytes;
      } finally {
        asked.disconnect();
      }
    }
  }

  @Override
  public Http.Call fetch(String url, File target, long bytes, Consumer<Boolean> then) {
    return new Fetching(url, target, bytes, then).start(WITHIN_US, false);
  }
}
