package egide.core.engine;

import egide.core.rules.Rules;
import egide.core.time.Loop;
import java.io.IOException;
import java.util.Map;

/** Her own tests of the way: armed, made, and when the last one got through. */
final class Testing {
  private final Loop loop;
  private final Reporter reporter;
  private final Codes codes;
  private final Choosing choosing;
  private long armedFromUs;
  private long armedUntilUs;
  /** What became of the last one. */
  private String said = "";

  Testing(Loop loop, Reporter reporter, Codes codes, Choosing choosing) {
    this.loop = loop;
    this.reporter = reporter;
    this.codes = codes;
    this.choosing = choosing;
  }

  void arm() {
    armedFromUs = loop.nowUs();
    armedUntilUs = armedFromUs + Rules.TEST_LASTS_US;
    said = "";
    reporter.report("phone.test_armed", Facts.of("seconds", Rules.TEST_LASTS_US / 1_000_000));
  }

  void disarm() {
    armedUntilUs = 0;
  }

  /**
   * Muted, a test is asked for while the alarm is open: the press is real, and looks like the test. Else it ends what
   * was armed, and her pages must not say that the next one is a test.
   */
  void onPress(boolean isUnderThreat) {
    if (isUnderThreat && said.isEmpty() && isWaiting()) {
      onMade();
    } else {
      armedUntilUs = 0;
    }
  }

  /** It is on its way. */
  void onMade() {
    armedUntilUs = 0;
    said = "made";
  }

  /** Whether one is on its way, or a press that looks like it. */
  boolean isMade() {
    return said.equals("made");
  }

  void onReceived(long seq) {
    armedUntilUs = 0;
    said = "received";
    note(loop.nowUs());
    reporter.report("phone.test_received", Facts.of("seq", seq));
  }

  private void note(long atUs) {
    if (!codes.areChosen()) {
      choosing.choose(choosing.now().tested(atUs));
      return;
    }
    try {
      codes.noteTest(Math.floorDiv(atUs, 1000L));
    } catch (IOException error) {
      reporter.report("phone.not_stored", Facts.of("reason", String.valueOf(error.getMessage())));
    }
  }

  void describe(Map<String, Object> state) {
    state.put("test", !said.isEmpty() ? said : isWaiting() ? "armed" : "none");
    state.put("testUntilMs", Math.floorDiv(armedUntilUs, 1000L));
    Long testedAtUs = choosing.now().testedAtUs();
    state.put("testedAtMs", testedAtUs == null ? codes.page().testedAtMs() : (Long) Math.floorDiv(testedAtUs, 1000L));
  }

  /** As a press would be judged now: with the clock set back behind the arming it is real (Rules.isTest). */
  private boolean isWaiting() {
    long nowUs = loop.nowUs();
    return armedFromUs <= nowUs && nowUs < armedUntilUs;
  }

  /** Asks for one if it is due. Once codes are chosen, only an open page knows when the last one was. */
  void askIfDue() {
    Long testedAtUs = choosing.now().testedAtUs();
    if (codes.areChosen()) {
      Long testedAtMs = codes.page().testedAtMs();
      testedAtUs = testedAtMs == null ? null : (Long) (testedAtMs * 1000);
    }
    if (Rules.testIsDue(testedAtUs, loop.nowUs())) {
      reporter.report("phone.test_due", Facts.of());
    }
  }
}
