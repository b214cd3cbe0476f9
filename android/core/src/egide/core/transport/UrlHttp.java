package egide.core.transport;

import egide.core.protocol.Bytes;
import egide.core.rules.Rules;
import egide.core.time.Loop;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URL;

/** The road through the platform's own HTTP: the same class on the JVM and on Android. */
public final class UrlHttp implements Http {
  private final Loop loop;

  public UrlHttp(Loop loop) {
    this.loop = loop;
  }

  /** What was answered; status 0 when nothing was. */
  private record Answered(int status, byte[] body, String retryAfter) {}

  private static final Answered SILENCE = new Answered(0, new byte[0], "");

  /** One question: whatever comes first, the answer or the end of its time, is told. */
  private final class Asking implements Call {
    private final Request request;
    private final Waiting waiting;
    private volatile HttpURLConnection connection;
    private volatile boolean isOver;
    private Loop.Timer patience;

    Asking(Request request, Waiting waiting) {
      this.request = request;
      this.waiting = waiting;
    }

    void start() {
      patience = loop.after(Rules.ANSWER_TIMEOUT_MS * 1000L, () -> end(SILENCE));
      loop.elsewhere(this::answered, this::end);
    }

    private void end(Answered answered) {
      if (isOver) {
        return;
      }
      cancel();
      if (answered.status == 0) {
        waiting.onSilence();
      } else {
        waiting.onAnswer(answered.status, answered.body, answered.retryAfter);
      }
    }

    @Override
    public void cancel() {
      isOver = true;
      patience.cancel();
      HttpURLConnection open = connection;
      if (open != null) {
        // It may wait for the network, where the core's thread must not.
        loop.elsewhere(() -> {
          open.disconnect();
          return open;
        }, ignored -> {});
      }
    }

    /** Waits for the network. */
    private Answered answered() {
      try {
        HttpURLConnection asked = (HttpURLConnection) new URL(request.url()).openConnection();
        connection = asked;
        asked.setConnectTimeout(Rules.CONNECT_TIMEOUT_MS);
        asked.setReadTimeout(Rules.ANSWER_TIMEOUT_MS);
        asked.setInstanceFollowRedirects(false);
        asked.setUseCaches(false);
        if (request.body() != null) {
          asked.setDoOutput(true);
          asked.setRequestProperty("Content-Type", request.contentType());
          asked.getOutputStream().write(request.body());
        }
        int status = asked.getResponseCode();
        InputStream body = status < 400 ? asked.getInputStream() : asked.getErrorStream();
        byte[] answer = body == null ? new byte[0] : read(body);
        connection = null;
        String retryAfter = asked.getHeaderField("Retry-After");
        return status > 0 ? new Answered(status, answer, retryAfter == null ? "" : retryAfter) : SILENCE;
      } catch (IOException error) {
        return SILENCE;
      }
    }

    private byte[] read(InputStream body) throws IOException {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      byte[] piece = new byte[8192];
      for (int size = body.read(piece); size >= 0 && !isOver; size = body.read(piece)) {
        all.write(piece, 0, size);
        if (all.size() > MOST_BYTES) {
          // No answer of ours is so long: nobody reads the rest.
          return Bytes.slice(all.toByteArray(), 0, MOST_BYTES);
        }
      }
      body.close();
      return all.toByteArray();
    }
  }

  @Override
  public Call ask(Request request, Waiting waiting) {
    Asking asking = new Asking(request, waiting);
    asking.start();
    return asking;
  }
}
