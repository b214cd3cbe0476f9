package egide.core.transport;

/** What became of a question to the servers: told once, in the core's thread. */
public interface Outcome<T> {
  void onAnswer(T answer);

  /** A server answered, but not with what can be relied on. `status` is that of HTTP, `reason` the server's word. */
  void onRefusal(int status, String reason);

  /** No address answered. */
  void onUnreachable();
}
