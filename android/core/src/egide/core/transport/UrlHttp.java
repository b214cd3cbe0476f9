package egide.core.transport;

import egide.core.protocol.Bytes;
import egide.core.rules.Rules;
import egide.core.time.Loop;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;

/** The road through the platform's own HTTP: the same class on the JVM and on Android. */
public final class UrlHttp implements Http {
  private final Loop loop;

  public UrlHttp(Loop loop) {
    this.loop = loop;
  }

  /** What was answered; status 0 when nothing was. */
  private record Answered(int status, byte[] body, String retryAfter) {}

  private static final Answered SILENCE = new Answered(0, new byte[0], "");

  /** One question and its answer. */
  private final class Asking extends UrlCall<Answered> {
    private final Request request;
    private final Waiting waiting;

    Asking(Request request, Waiting waiting) {
      super(loop);
      this.request = request;
      this.waiting = waiting;
    }

    @Override
    void tell(Answered answered) {
      if (answered.status == 0) {
        waiting.onSilence();
      } else {
        waiting.onAnswer(answered.status, answered.body, answered.retryAfter);
      }
    }

    @Override
    Answered asked() throws IOException {
      HttpURLConnection asked = open(request.url(), Rules.CONNECT_TIMEOUT_MS, Rules.ANSWER_TIMEOUT_MS);
      if (request.body() != null) {
        asked.setDoOutput(true);
        asked.setRequestProperty("Content-Type", request.contentType());
        asked.getOutputStream().write(request.body());
      }
      int status = asked.getResponseCode();
      InputStream body = status < 400 ? asked.getInputStream() : asked.getErrorStream();
      byte[] answer = body == null ? new byte[0] : read(body);
      if (answer.length > MOST_BYTES) {
        // No answer of ours is so long: nobody reads the rest, and the connection does not stay open for it.
        asked.disconnect();
        answer = Bytes.slice(answer, 0, MOST_BYTES);
      }
      leave();
      String retryAfter = asked.getHeaderField("Retry-After");
      return status > 0 ? new Answered(status, answer, retryAfter == null ? "" : retryAfter) : SILENCE;
    }

    /** All of it, or a piece more than is ever wanted. */
    private byte[] read(InputStream body) throws IOException {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      byte[] piece = new byte[8192];
      for (int size = body.read(piece); size >= 0 && !isOver(); size = body.read(piece)) {
        all.write(piece, 0, size);
        if (all.size() > MOST_BYTES) {
          return all.toByteArray();
        }
      }
      body.close();
      return all.toByteArray();
    }
  }

  @Override
  public Call ask(Request request, Waiting waiting) {
    return new Asking(request, waiting).start(Rules.ANSWER_TIMEOUT_MS * 1000L, SILENCE);
  }
}
