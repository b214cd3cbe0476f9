package egide.core.engine;

import egide.core.ports.Radio;
import egide.core.ports.Surroundings;
import egide.core.protocol.Bytes;
import egide.core.protocol.Compartments;
import egide.core.protocol.Enrolment;
import egide.core.protocol.Kind;
import egide.core.protocol.Notice;
import egide.core.protocol.Page;
import egide.core.protocol.Receipt;
import egide.core.protocol.Trigger;
import egide.core.rules.Rules;
import egide.core.store.Choices;
import egide.core.store.Outgoing;
import egide.core.store.PhoneStore;
import egide.core.store.Press;
import egide.core.time.Loop;
import egide.core.transport.Sender;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * What the person does with the phone and what it does for her, without screens: codes, tests, answers, keeping quiet.
 *
 * Its model is src/egide/companion/app.py; a differential test holds it against that. For the loop's thread alone.
 */
public final class App implements Listener {
  private static final List<Long> RECEIVED_MS = Arrays.asList(200L), ACKNOWLEDGED_MS = Arrays.asList(200L, 150L, 200L);
  /** The body of "I am safe"; that it was said under threat stands in the trigger. */
  private static final byte[] SAFE = Bytes.utf8("safe");
  private static final int UNAUTHORIZED = 401, NOT_FOUND = 404;

  private final PhoneStore store;
  private final Loop loop;
  private final Reporter reporter;
  private final String version;
  private final Around around;
  private final Companion core;
  private final Screen screen;
  private final Listening listening;
  private final Codes codes;
  private Choices choices;
  private Quiet quiet = Quiet.NO;
  private String question = "";
  private String answered = "";
  private String checks = "";
  private boolean testIsArmed;
  private boolean testIsMade;
  private boolean isUnknown;

  /** All that a phone is made of; `fresh` gives random bytes, `stretching` is Opening::stretched but in some tests. */
  public record Parts(
      PhoneStore store,
      Radio radio,
      Sender sender,
      Surroundings around,
      Loop loop,
      Reporter reporter,
      Chance chance,
      Microphone microphone,
      Compartments.Fresh fresh,
      BiFunction<String, byte[], byte[]> stretching,
      String version) {}

  public App(Enrolment enrolment, Parts parts) {
    store = parts.store;
    loop = parts.loop;
    reporter = parts.reporter;
    version = parts.version;
    around = new Around(parts.around);
    core = new Companion(
        enrolment, store, parts.radio, parts.sender, around, loop, reporter, parts.chance, this);
    screen = new Screen(reporter);
    listening = new Listening(parts.microphone, piece -> core.say(Kind.AUDIO, piece));
    codes = new Codes(loop, store, parts.sender, parts.fresh, parts.stretching);
    choices = store.choices();
    around.want(choices.listens());
  }

  /** Takes up what an earlier life of this phone left, and goes on. */
  public void start() {
    takeUp();
    noteVersion();
    core.start();
  }

  public void stop() {
    listening.stop();
    core.stop();
  }

  private void takeUp() {
    if (store.openPress() == null) {
      forgetAlarm();
      if (!codes.areChosen()) {
        askForTest(choices.testedAtUs());
      }
      return;
    }
    if (codes.areChosen()) {
      keepQuiet(Quiet.UNSURE);
    }
    listen();
  }

  private void askForTest(Long testedAtUs) {
    if (Rules.testIsDue(testedAtUs, loop.nowUs())) {
      reporter.report("phone.test_due", Facts.of());
    }
  }

  /** The zone knows with which version this phone works. */
  private void noteVersion() {
    if (!version.isEmpty() && !choices.toldVersion().equals(version)) {
      core.note(Notice.APP_VERSION + version);
      choose(choices.told(version));
    }
  }

  /** A permission changed, or may have. */
  public void look() {
    boolean mightListen = around.mayListen();
    around.look();
    if (mightListen && !around.mayListen()) {
      endListening();
    } else if (!mightListen && store.openPress() != null) {
      listen();
    }
  }

  /** The network is back, or there is another reason to try again now. */
  public void hurry() {
    core.hurry();
  }

  /** The word of the open alarm, as far as it may be shown; "" at rest. */
  public String alarm() {
    Press press = store.openPress();
    return press == null || quiet != Quiet.NO ? "" : press.state().isEmpty() ? "stored" : press.state();
  }

  /** Whether the phone plays dead, after a code under threat. */
  public boolean isMuted() {
    return quiet.isThreat();
  }

  /** Whether the first page should say quietly that she had better look. */
  public boolean warns() {
    return screen.warns();
  }

  // -- what she does --------------------------------------------------------------------------------------------

  public void pressOnScreen() {
    core.pressOnScreen();
  }

  /** Sets both codes; what is read with a code lies under them from then on. Throws IllegalArgumentException. */
  public void choosePins(String own, String duress, Codes.Chosen chosen) {
    if (!Rules.isPin(own) || !Rules.isPin(duress)) {
      throw new IllegalArgumentException("a code has four to eight digits");
    }
    if (own.equals(duress)) {
      throw new IllegalArgumentException("the two codes must differ");
    }
    if (codes.areChosen() && !codes.isOpen()) {
      throw new IllegalArgumentException("there are codes already: unlock first");
    }
    Page page = codes.page();
    Enrolment enrolment = store.enrolment();
    Long testedAtUs = choices.testedAtUs();
    if (!codes.areChosen() && enrolment != null) {
      Long testedAtMs = testedAtUs == null ? null : (Long) Math.floorDiv(testedAtUs, 1000L);
      page = new Page(enrolment.kit(), enrolment.buttonId(), testedAtMs);
    }
    Choices untested = choices.tested(null);
    codes.choose(own, duress, page, untested, new Codes.Chosen() {
      @Override
      public void onChosen() {
        choices = untested;
        chosen.onChosen();
      }

      @Override
      public void onFailed(String reason) {
        chosen.onFailed(reason);
      }
    });
  }

  public void vibrate(boolean vibrates) {
    choose(choices.vibrating(vibrates));
  }

  public void allowListening(boolean listens) {
    around.want(listens);
    if (!listens) {
      endListening();
    }
    choose(choices.listening(listens));
  }

  public void armTest() {
    testIsArmed = true;
    core.armTest(Rules.TEST_LASTS_US);
    reporter.report("phone.test_armed", Facts.of("seconds", Rules.TEST_LASTS_US / 1_000_000));
  }

  public void disarmTest() {
    testIsArmed = false;
    core.armTest(0);
  }

  /**
   * Whether the code opens the phone. The one for threats opens it too, tells the police, and mutes the phone. Whichever
   * it was, the same is asked and sent, nothing is written, and it opens once the server has signed.
   */
  public void unlock(String pin, Consumer<Answer> then) {
    enter(pin, Quiet.THREAT, then, () -> say(new Draft(Kind.HEARTBEAT).unplaced(), answer -> {
      if (answer == Answer.OPEN) {
        beSure();
      }
      then.accept(answer);
    }));
  }

  /** Says by code that she is safe: information for the operator, nothing more (safety rule 8). */
  public void cancel(String pin, Consumer<Answer> then) {
    enter(pin, Quiet.THREAT_CANCELLED, then, () -> {
      if (!quiet.isThreat()) {
        keepQuiet(Quiet.CANCELLED);
      }
      say(new Draft(Kind.CANCEL).saying(SAFE).triggered(Trigger.SCREEN), then);
    });
  }

  /** `underThreat`: what the code for threats is taken for; `onOwn` follows her own. No other does anything. */
  private void enter(String pin, Quiet underThreat, Consumer<Answer> then, Runnable onOwn) {
    codes.enter(pin, entry -> {
      if (entry == Codes.Kind.THREAT) {
        beUnderThreat(underThreat, then);
      } else if (entry == Codes.Kind.OWN) {
        onOwn.run();
      } else {
        then.accept(Answer.valueOf(entry.name()));
      }
    });
  }

  /** Her own code was entered: what an earlier life left open may be shown, if it was nothing else. */
  private void beSure() {
    if (quiet == Quiet.UNSURE) {
      keepQuiet(Quiet.NO);
      core.tellNow();
    }
    if (codes.areChosen() && !quiet.isThreat()) {
      Long testedAtMs = codes.page().testedAtMs();
      askForTest(testedAtMs == null ? null : (Long) (testedAtMs * 1000));
    }
  }

  /** Answers the operator with one of Rules.ANSWERS. Throws IllegalArgumentException. */
  public void answer(String word) {
    if (!Rules.ANSWERS.contains(word)) {
      throw new IllegalArgumentException("answer " + word + ": " + String.join(", ", Rules.ANSWERS));
    }
    answered = question;
    ask("");
    core.say(Kind.TEXT, Bytes.utf8(word));
  }

  /** Quiet first, then the message: nothing may show or vibrate in between. */
  private void beUnderThreat(Quiet asked, Consumer<Answer> then) {
    keepQuiet(quiet.asThreat(asked));
    ask("");
    if (store.openPress() != null || core.untraced.isFollowing()) {
      say(new Draft(Kind.CANCEL).saying(SAFE).triggered(Trigger.DURESS), then);
      return;
    }
    listen();
    say(new Draft(Kind.PRESS).triggered(Trigger.DURESS), then);
  }

  /** Said from memory alone. A phone that the server no longer knows opens all the same (safety rule 10). */
  private void say(Draft draft, Consumer<Answer> then) {
    Press press = draft.kind == Kind.PRESS ? null : store.openPress();
    draft.of(press == null ? null : (Long) press.counter());
    try {
      core.untraced.say(draft, isThere -> then.accept(isThere || isUnknown ? Answer.OPEN : Answer.OFFLINE));
    } catch (IOException error) {
      notStored(error);
      then.accept(Answer.OFFLINE);
    }
  }

  private void notStored(IOException error) {
    reporter.report("phone.not_stored", Facts.of("reason", String.valueOf(error.getMessage())));
  }

  // -- what the core tells --------------------------------------------------------------------------------------

  @Override
  public void onStored(Outgoing press) {
    if (quiet == Quiet.CANCELLED) {
      keepQuiet(Quiet.NO);
    }
    // Muted, a test is asked for while the alarm is open: the press is real, and looks like the test.
    testIsMade = quiet.isThreat() && testIsArmed;
    screen.show(Line.SENDING);
    listen();
    try {
      // What a code tells names this press, and writes nothing then.
      store.doReserve(press.counter());
    } catch (IOException full) {
      // It is tried again when a code is entered, which then does without naming the press.
      return;
    }
  }

  @Override
  public void onNotStored() {
    screen.show(Line.NOT_STORED);
  }

  @Override
  public void onReceipt(Outgoing sent, Receipt receipt) {
    isUnknown = false;
    if (!receipt.alarm().isEmpty()) {
      takePending(receipt);
      followUnknown(sent, receipt);
    }
    if (sent.kind() == Kind.TEST) {
      tested(receipt);
    }
    boolean isTold = sent.kind() == Kind.CANCEL && quiet != Quiet.NO;
    if (isTold || sent.kind() == Kind.PRESS && quiet.isThreat()) {
      screen.beQuiet(quiet.saysCancelled());
    }
    if (sent.kind() == Kind.PRESS) {
      if (testIsMade) {
        tested(receipt);
      }
      vibrate(RECEIVED_MS);
    }
    if (sent.kind() == Kind.HEARTBEAT && receipt.alarm().isEmpty()) {
      checks = receipt.told("check");
    }
    if (!receipt.state().equals("closed")) {
      screen.answered(receipt.alarm().isEmpty() ? "" : receipt.state(), checks);
    }
  }

  /** An alarm that is not in the store: a code under threat opened it in an earlier life of this phone. */
  private void followUnknown(Outgoing sent, Receipt receipt) {
    boolean isOpen = sent.kind() == Kind.HEARTBEAT && !receipt.state().equals("closed") && store.openPress() == null;
    if (isOpen && !store.knowsAlarm(receipt.alarm())) {
      core.untraced.follow(null);
    }
  }

  @Override
  public void onState(Receipt receipt) {
    boolean isClosed = receipt.state().equals("closed");
    boolean isAcknowledged = receipt.state().equals("acknowledged");
    if (isAcknowledged) {
      vibrate(ACKNOWLEDGED_MS);
    }
    if ((isAcknowledged || isClosed) && !quiet.tellsNothing()) {
      reporter.report(
          "phone.told", Facts.of("alarm", receipt.alarm(), "state", receipt.state(), "at_us", loop.nowUs()));
    }
    if (isClosed) {
      screen.answered("closed", "");
      onOver();
    }
  }

  @Override
  public void onOver() {
    if (store.openPress() == null) {
      forgetAlarm();
    }
  }

  @Override
  public void onRefused(int status) {
    isUnknown = isUnknown || status == UNAUTHORIZED || status == NOT_FOUND;
    screen.refused(status);
  }

  @Override
  public void onUnreachable() {
    screen.show(Line.UNREACHABLE);
  }

  private void takePending(Receipt receipt) {
    if (receipt.tells("quiet") && !quiet.isThreat()) {
      keepQuiet(quiet == Quiet.CANCELLED ? Quiet.THREAT_CANCELLED : Quiet.THREAT);
    }
    String asked = receipt.told("text");
    if (asked.isEmpty()) {
      answered = "";
    }
    boolean isNews = Rules.QUESTIONS.contains(asked) && !asked.equals(answered);
    ask(isNews && !quiet.tellsNothing() ? asked : "");
    if (receipt.tells("listen-off")) {
      endListening();
      // Of an alarm that memory alone knows, nothing is kept.
      if (!choices.listenOff() && store.openPress() != null) {
        choose(choices.switchedOff(true));
      }
    }
  }

  private void tested(Receipt receipt) {
    testIsArmed = false;
    testIsMade = false;
    noteTest(loop.nowUs());
    reporter.report("phone.test_received", Facts.of("seq", receipt.seq()));
  }

  private void noteTest(long atUs) {
    if (!codes.areChosen()) {
      choose(choices.tested(atUs));
      return;
    }
    try {
      codes.noteTest(Math.floorDiv(atUs, 1000L));
    } catch (IOException error) {
      notStored(error);
    }
  }

  // -- what is shown --------------------------------------------------------------------------------------------

  /** Readable in one glance; empty when there is nothing to answer. */
  private void ask(String asked) {
    if (!asked.equals(question)) {
      question = asked;
      reporter.report("phone.asks", Facts.of("question", asked));
    }
  }

  /** Only if she chose it, never once she said that she is safe or was forced to. */
  private void vibrate(List<Long> patternMs) {
    if (choices.vibrates() && quiet == Quiet.NO) {
      reporter.report("phone.vibrates", Facts.of("pattern_ms", patternMs));
    }
  }

  private void listen() {
    if (around.mayListen() && !choices.listenOff()) {
      listening.start();
    }
  }

  private void endListening() {
    if (listening.isOn()) {
      listening.stop();
      reporter.report("phone.listening_ended", Facts.of());
    }
  }

  private void keepQuiet(Quiet now) {
    quiet = now;
    if (now == Quiet.NO) {
      screen.speak();
    } else {
      screen.mute();
    }
  }

  /** Nothing of the alarm is left: no question, no state. */
  private void forgetAlarm() {
    ask("");
    answered = "";
    endListening();
    if (choices.listenOff()) {
      choose(choices.switchedOff(false));
    }
    keepQuiet(Quiet.NO);
  }

  /** Holds from now on, even where the disk refuses it. */
  private void choose(Choices changed) {
    choices = changed;
    try {
      store.doChoose(changed);
    } catch (IOException error) {
      notStored(error);
    }
  }
}
