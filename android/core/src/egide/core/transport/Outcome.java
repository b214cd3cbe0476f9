package egide.core.transport;

/** What became of a question to the servers: told once, in the core's thread. */
public interface Outcome<T> {
  int LIMITED = 429;

  void onAnswer(T answer);

  /** A server answered, but not with what can be relied on. `status` is that of HTTP, `reason` the server's word. */
  void onRefusal(int status, String reason);

  /**
   * No server takes it now, and that says nothing of the message: LIMITED is said of this phone, all else of servers that are
   * away. Ask again in `waitUs`. A refusal to whoever does not wait.
   */
  default void onLater(int status, String reason, long waitUs) {
    onRefusal(status, reason);
  }

  /** No address answered. */
  void onUnreachable();
}
