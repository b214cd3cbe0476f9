package egide.core.engine;

import egide.core.ports.Radio;
import egide.core.time.Steps;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Phone and button prove that they belong together (contracts/gatt.md, claim), over a link to one characteristic. */
public final class ClaimSteps {
  private static final String NOT_OURS = "not-ours";

  private final Radio.Claim claim;
  private final Consumer<Steps.Answer> read;
  private final BiConsumer<byte[], Steps.Answer> write;
  private final Consumer<String> end;
  private boolean hasProved;
  private boolean isOver;

  /** `read` and `write` are of the characteristic; `end` gets why not, once; "" when it is ours. */
  public ClaimSteps(
      Radio.Claim claim,
      Consumer<Steps.Answer> read,
      BiConsumer<byte[], Steps.Answer> write,
      Consumer<String> end) {
    this.claim = claim;
    this.read = read;
    this.write = write;
    this.end = end;
  }

  /** The link is there. */
  public void begin() {
    read.accept((isDone, offered) -> prove(isDone ? claim.proof(offered) : null));
  }

  /** The link is gone. One that hangs up once it has read our proof is somebody else's (step 3). */
  public void lose() {
    end(hasProved ? NOT_OURS : "lost");
  }

  private void prove(byte[] proof) {
    if (proof == null) {
      end(NOT_OURS);
      return;
    }
    hasProved = true;
    write.accept(proof, (isDone, value) -> believe(isDone));
  }

  private void believe(boolean isTaken) {
    if (!isTaken) {
      end(NOT_OURS);
      return;
    }
    read.accept((isDone, answer) -> end(isDone && claim.isOurs(answer) ? "" : NOT_OURS));
  }

  private void end(String word) {
    if (!isOver) {
      isOver = true;
      end.accept(word);
    }
  }
}
