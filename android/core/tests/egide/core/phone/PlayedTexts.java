package egide.core.phone;

import egide.core.ports.Texts;
import egide.core.protocol.Bytes;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** A network whose every answer a test sets. What the phone sends goes to `said`: number, port, and the bytes in hexadecimal. */
public final class PlayedTexts implements Texts {
  private final Consumer<Map<String, Object>> said;
  public boolean maySend = true;
  /** Null: the network says nothing. */
  public Boolean accepts = true;

  public PlayedTexts(Consumer<Map<String, Object>> said) {
    this.said = said;
  }

  @Override
  public boolean maySend() {
    return maySend;
  }

  @Override
  public void send(String number, int port, byte[] data, Sent sent) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("number", number);
    facts.put("port", (long) port);
    facts.put("data", Bytes.toHex(data));
    said.accept(facts);
    if (accepts != null) {
      sent.onSent(accepts);
    }
  }
}
