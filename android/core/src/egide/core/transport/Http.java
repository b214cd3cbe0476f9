package egide.core.transport;

/** The road to the servers. No redirect is followed, and no connection outlives the answer's time. */
public interface Http {
  /** What is asked: GET where `body` is null, else POST. */
  record Request(String url, String contentType, byte[] body) {}

  /** Told once, in the core's thread, unless it was cancelled before. `body`: its first MOST_BYTES. */
  interface Waiting {
    void onAnswer(int status, byte[] body);

    /** The same, with when to ask again as the server says it (Retry-After); empty where it does not. */
    default void onAnswer(int status, byte[] body, String retryAfter) {
      onAnswer(status, body);
    }

    /** Nobody answered in time. */
    void onSilence();
  }

  /** A question that may be given up. */
  interface Call {
    void cancel();
  }

  int MOST_BYTES = 64 * 1024;

  Call ask(Request request, Waiting waiting);
}
