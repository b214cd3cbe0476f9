package egide.core.phone;

import egide.core.ports.Radio;
import egide.core.protocol.Bytes;
import egide.core.protocol.Fields;
import egide.core.protocol.JsonError;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A radio in another process, word by word: what the phone asks of it goes to `out`, what it answers comes by `hear`.
 * tests/support/native_phone.py has a complete Bluetooth stack behind it.
 */
final class PipedRadio implements Radio {
  private final Consumer<Map<String, Object>> out;
  private Heard heard;
  private Claim claim;
  private Paired paired;
  private boolean isPaired;
  private boolean isConnected;

  PipedRadio(Consumer<Map<String, Object>> out) {
    this.out = out;
  }

  private void say(String word, byte[] data) {
    Map<String, Object> said = new LinkedHashMap<>();
    said.put("radio", word);
    said.put("data", data == null ? "" : Bytes.toHex(data));
    out.accept(said);
  }

  void hear(String word, Fields facts) throws JsonError {
    switch (word) {
      case "paired":
        isPaired = facts.flag("is");
        break;
      case "link":
        isConnected = facts.flag("is");
        tell(told -> told.onLink(isConnected));
        break;
      case "frame":
        byte[] frame = Bytes.fromHex(facts.text("data"));
        tell(told -> told.onFrame(frame));
        break;
      case "trouble":
        String notice = facts.text("notice");
        tell(told -> told.onTrouble(notice));
        break;
      case "battery":
        int percent = (int) facts.number("pct");
        tell(told -> told.onBattery(percent));
        break;
      case "hold":
        boolean isTaken = facts.flag("is");
        tell(told -> told.onHold(isTaken));
        break;
      case "offered":
        say("proof", claim.proof(Bytes.fromHex(facts.text("data"))));
        break;
      case "answered":
        say(claim.isOurs(Bytes.fromHex(facts.text("data"))) ? "ours" : "not-ours", null);
        break;
      case "linked":
        isPaired = true;
        paired.onPaired();
        break;
      case "failed":
        paired.onFailed(facts.text("word"));
        break;
      default:
        throw new IllegalArgumentException("radio " + word);
    }
  }

  private void tell(Consumer<Heard> word) {
    if (heard != null) {
      word.accept(heard);
    }
  }

  @Override
  public boolean isPaired() {
    return isPaired;
  }

  @Override
  public boolean isConnected() {
    return isConnected;
  }

  @Override
  public void start(Heard heard) {
    this.heard = heard;
    say("start", null);
  }

  @Override
  public void stop() {
    heard = null;
  }

  @Override
  public void pair(Claim claim, Paired paired) {
    this.claim = claim;
    this.paired = paired;
    say("pair", null);
  }

  @Override
  public void acknowledge(byte[] acknowledgement) {
    say("acknowledge", acknowledgement);
  }

  @Override
  public void giveHold(byte[] frame) {
    say("hold", frame);
  }

  @Override
  public void askBattery() {
    say("battery", null);
  }
}
