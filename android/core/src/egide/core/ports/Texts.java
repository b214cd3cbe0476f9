package egide.core.ports;

/** The binary text message: it leaves nothing in the phone's message app. */
public interface Texts {
  /** How it went, once the network said so. */
  interface Sent {
    void onSent(boolean isAccepted);
  }

  /** Whether messages can be sent: permission, SIM. */
  boolean maySend();

  /** Sends at most 133 bytes to a port of `number`. */
  void send(String number, int port, byte[] data, Sent sent);
}
