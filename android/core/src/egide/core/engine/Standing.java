package egide.core.engine;

import egide.core.protocol.Receipt;
import egide.core.time.Loop;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What was proven of this phone and when, and what stands in the way of a press (safety rule 16). */
final class Standing {
  private static final int UNAUTHORIZED = 401, NOT_FOUND = 404, ACCEPTED = 202;
  private static final List<String> TEAM_STEPS = Arrays.asList("under-way", "on-site");

  private final Loop loop;
  private final Runnable changed;
  private Long answeredUs;
  /** The same, as long as it proves something. */
  private Long provedUs;
  private Long checkedUs;
  private String trouble = "";
  private String team = "";
  private final Supplier<Long> keptHeardUs;
  private Long heardUs;

  /** `keptHeardUs`: when the button was heard in an earlier life; null for never. `changed` is called whenever any of it is news. */
  Standing(Loop loop, Supplier<Long> keptHeardUs, Runnable changed) {
    this.loop = loop;
    this.changed = changed;
    this.keptHeardUs = keptHeardUs;
  }

  void onStored() {
    trouble = "";
    changed.run();
  }

  void onKept() {
    checkedUs = loop.nowUs();
    changed.run();
  }

  void onNotStored() {
    trouble = "not-stored";
    changed.run();
  }

  void onReceipt(Receipt receipt) {
    answeredUs = loop.nowUs();
    provedUs = answeredUs;
    trouble = "";
    if (!receipt.alarm().isEmpty()) {
      String told = receipt.told("team");
      team = TEAM_STEPS.contains(told) ? told : "";
    }
    changed.run();
  }

  void onRefused(int status) {
    if (status == UNAUTHORIZED || status == NOT_FOUND) {
      trouble = "refused";
    } else if (status == ACCEPTED) {
      trouble = "kept";
    }
    provedUs = null;
    changed.run();
  }

  void onUnreachable() {
    if (trouble.isEmpty()) {
      trouble = "unreachable";
    }
    provedUs = null;
    changed.run();
  }

  void onOver() {
    team = "";
    changed.run();
  }

  void onButton() {
    heardUs = loop.nowUs();
    changed.run();
  }

  void describe(Map<String, Object> state) {
    state.put("team", team);
    state.put("trouble", trouble);
    state.put("answeredAtMs", ms(answeredUs));
    state.put("provedAtMs", ms(provedUs));
    state.put("checkedAtMs", ms(checkedUs));
    state.put("buttonHeardAtMs", ms(heardUs == null ? keptHeardUs.get() : heardUs));
  }

  private static Long ms(Long us) {
    return us == null ? null : (Long) Math.floorDiv(us, 1000L);
  }
}
