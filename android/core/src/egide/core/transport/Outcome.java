package egide.core.transport;

/** What became of a question to the servers: told once, in the core's thread. */
public interface Outcome<T> {
  int LIMITED = 429;

  void onAnswer(T answer);

  /** A server answered, but not with what can be relied on. `status` is that of HTTP, `reason` the server's word. */
  void onRefusal(int status, String reason);

  /**
   * No server takes more of this phone now, whatever it sends: nothing was said of this message, which passes in
   * `waitUs`. A refusal to whoever does not wait.
   */
  default void onLimit(String reason, long waitUs) {
    onRefusal(LIMITED, reason);
  }

  /** No address answered. */
  void onUnreachable();
}
