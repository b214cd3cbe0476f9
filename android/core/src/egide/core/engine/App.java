package egide.core.engine;

import egide.core.ports.Radio;
import egide.core.ports.Surroundings;
import egide.core.ports.Texts;
import egide.core.protocol.Bytes;
import egide.core.protocol.Compartments;
import egide.core.protocol.Enrolment;
import egide.core.protocol.Kind;
import egide.core.protocol.Notice;
import egide.core.protocol.Receipt;
import egide.core.rules.Rules;
import egide.core.store.Outgoing;
import egide.core.store.PhoneStore;
import egide.core.store.Press;
import egide.core.time.Loop;
import egide.core.transport.Sender;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * What the person does with the phone and what it does for her, without screens: codes, tests, answers, keeping quiet.
 *
 * Its model is src/egide/companion/app.py; a differential test holds it against that. For the loop's thread alone.
 */
public final class App implements Listener {
  private static final List<Long> RECEIVED_MS = Arrays.asList(200L), ACKNOWLEDGED_MS = Arrays.asList(200L, 150L, 200L);

  private final PhoneStore store;
  private final Loop loop;
  private final Reporter reporter;
  private final String version;
  private final Around around;
  private final Companion core;
  private final Screen screen;
  private final Choosing choosing;
  private final Listening listening;
  private final Question question;
  private final Codes codes;
  private final Testing testing;
  private final Entering entering;
  private final Standing standing;
  private final Radio radio;
  private final Claiming claiming;
  private String checks = "";
  private String alarm = "";

  /** All that a phone is made of; `fresh` gives random bytes, `stretching` is Opening::stretched but in some tests; `changed` is called when a page may show something else. */
  public record Parts(
      PhoneStore store,
      Radio radio,
      Sender sender,
      Texts texts,
      Surroundings around,
      Loop loop,
      Reporter reporter,
      Chance chance,
      Microphone microphone,
      Compartments.Fresh fresh,
      BiFunction<String, byte[], byte[]> stretching,
      String version,
      Runnable changed) {}

  public App(Enrolment enrolment, Parts parts) {
    store = parts.store;
    loop = parts.loop;
    reporter = parts.reporter;
    version = parts.version;
    around = new Around(parts.around);
    core = new Companion(enrolment, store, parts.radio, parts.sender, parts.texts, around, loop, reporter, parts.chance, this);
    screen = new Screen(reporter);
    choosing = new Choosing(store, reporter);
    listening = new Listening(around, choosing, reporter, parts.microphone, piece -> core.say(Kind.AUDIO, piece));
    question = new Question(reporter);
    codes = new Codes(loop, store, parts.sender, parts.fresh, parts.stretching);
    testing = new Testing(loop, reporter, codes, choosing);
    entering = new Entering(store, core, codes, screen, question, testing, listening::start, reporter);
    standing = new Standing(loop, () -> choosing.now().buttonHeardAtUs(), parts.changed);
    radio = parts.radio;
    claiming = new Claiming(enrolment.buttonKey(), parts.fresh);
    around.want(choosing.now().listens());
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
    Press press = store.openPress();
    if (press == null) {
      forgetAlarm();
      if (!codes.areChosen()) {
        testing.askIfDue();
      }
      return;
    }
    if (codes.areChosen()) {
      screen.keepQuiet(Quiet.UNSURE);
    }
    boolean isAcknowledged = press.state().equals("acknowledged");
    alarm = isAcknowledged ? "acknowledged" : press.isReceived() ? "received" : "stored";
    listening.start();
  }

  /** The zone knows with which version this phone works. */
  private void noteVersion() {
    if (!version.isEmpty() && !choosing.now().toldVersion().equals(version)) {
      core.note(Notice.APP_VERSION + version);
      choosing.choose(choosing.now().told(version));
    }
  }

  /** A permission changed, or may have. Link flags of what the platform has taken away. */
  public int look() {
    boolean mightListen = around.mayListen();
    around.look();
    if (mightListen && !around.mayListen()) {
      listening.end();
    } else if (!mightListen && store.openPress() != null) {
      listening.start();
    }
    return core.taken();
  }

  /** The network is back, or there is another reason to try again now. */
  public void hurry() {
    core.hurry();
  }

  /** How far her alarm is, as far as it may be shown: "stored", "received", "acknowledged"; "" at rest. */
  public String alarm() {
    return screen.quiet() == Quiet.NO ? alarm : "";
  }

  /** Whether the phone plays dead, after a code under threat. */
  public boolean isMuted() {
    return screen.quiet().isThreat();
  }

  boolean isAtRest() {
    return !isMuted() && core.isAtRest();
  }

  /** All that a page may show of this phone, by the names of docs/android.md. */
  public void describe(Map<String, Object> state) {
    state.put("hasCodes", codes.areChosen());
    state.put("alarm", alarm);
    state.put("showsAlarm", !alarm().isEmpty());
    state.put("saysTrouble", !alarm.isEmpty() && screen.quiet().saysTrouble());
    state.put("isMuted", isMuted());
    state.put("saysCancelled", screen.saysCancelled());
    state.put("question", question.asked());
    state.put("checks", isMuted() || !alarm.isEmpty() ? "" : checks);
    state.put("listens", choosing.now().listens());
    state.put("vibrates", choosing.now().vibrates());
    state.put("isPaired", radio.isPaired());
    state.put("isConnected", radio.isConnected());
    core.describe(state);
    standing.describe(state);
    testing.describe(state);
    around.describe(state, Math.floorDiv(loop.nowUs(), 1000L));
  }

  // -- what she does --------------------------------------------------------------------------------------------

  public void pressOnScreen() {
    core.pressOnScreen();
  }

  /** Sets both codes; what is read with a code lies under them from then on. Throws IllegalArgumentException. */
  public void choosePins(String own, String duress, Codes.Chosen chosen) {
    codes.choose(own, duress, choosing, chosen);
  }

  /** Links the kit's button. */
  void pair(Radio.Paired paired) {
    core.pair(claiming, paired);
  }

  /** Somebody left her pages, or may have: nothing stays open, and the next press is real (safety rule 46). */
  void leave() {
    disarmTest();
    codes.close();
  }

  /** A round trip, so that what her page says of the road is true. */
  void prove() {
    core.tellNow();
  }

  public void vibrate(boolean vibrates) {
    choosing.choose(choosing.now().vibrating(vibrates));
  }

  public void allowListening(boolean listens) {
    around.want(listens);
    if (!listens) {
      listening.end();
    }
    choosing.choose(choosing.now().listening(listens));
  }

  public void armTest() {
    core.armTest(Rules.TEST_LASTS_US);
    testing.arm();
  }

  public void disarmTest() {
    testing.disarm();
    core.armTest(0);
  }

  /** Whether the code opens the phone; what else it did, nothing shows. */
  public void unlock(String pin, Consumer<Answer> then) {
    entering.unlock(pin, then);
  }

  /** Says by code that she is safe. */
  public void cancel(String pin, Consumer<Answer> then) {
    entering.cancel(pin, then);
  }

  /** Answers the operator with one of Rules.ANSWERS. Throws IllegalArgumentException. */
  public void answer(String word) {
    if (!Rules.ANSWERS.contains(word)) {
      throw new IllegalArgumentException("answer " + word + ": " + String.join(", ", Rules.ANSWERS));
    }
    question.putAway();
    core.say(Kind.TEXT, Bytes.utf8(word));
  }

  // -- what the core tells --------------------------------------------------------------------------------------

  @Override
  public void onStored(Outgoing press) {
    standing.onStored();
    if (screen.quiet() == Quiet.CANCELLED) {
      screen.keepQuiet(Quiet.NO);
    }
    testing.onPress(screen.quiet().isThreat());
    alarm = "stored";
    screen.show(Line.SENDING);
    listening.start();
    try {
      // What a code tells names this press, and writes nothing then.
      store.doReserve(press.counter());
    } catch (IOException full) {
      // It is tried again when a code is entered, which then does without naming the press.
      return;
    }
  }

  @Override
  public void onTest() {
    testing.onMade();
  }

  @Override
  public void onKept() {
    standing.onKept();
  }

  @Override
  public void onButton() {
    standing.onButton();
    long heardUs = loop.nowUs();
    // Once the press is on its way and the button was told: neither waits for this.
    loop.soon(() -> choosing.choose(choosing.now().heard(heardUs)));
  }

  @Override
  public void onNotStored() {
    standing.onNotStored();
    screen.show(Line.NOT_STORED);
  }

  @Override
  public void onReceipt(Outgoing sent, Receipt receipt) {
    entering.onReceipt();
    standing.onReceipt(receipt);
    if (!receipt.alarm().isEmpty()) {
      takePending(receipt);
      followUnknown(sent, receipt);
    }
    if (sent.kind() == Kind.TEST) {
      testing.onReceived(receipt.seq());
    }
    boolean isTold = sent.kind() == Kind.CANCEL && screen.quiet() != Quiet.NO;
    if (isTold || sent.kind() == Kind.PRESS && screen.quiet().isThreat()) {
      screen.endQuietly();
    }
    if (sent.kind() == Kind.PRESS) {
      if (isMuted() && testing.isMade()) {
        testing.onReceived(receipt.seq());
      }
      if (alarm.equals("stored")) {
        alarm = "received";
        vibrate(RECEIVED_MS);
      }
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
    if (isAcknowledged && !alarm.equals("acknowledged")) {
      alarm = "acknowledged";
      vibrate(ACKNOWLEDGED_MS);
    }
    if ((isAcknowledged || isClosed) && !screen.quiet().tellsNothing()) {
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
    entering.onRefused(status);
    standing.onRefused(status);
    screen.refused(status);
  }

  @Override
  public void onUnreachable() {
    standing.onUnreachable();
    screen.show(Line.UNREACHABLE);
  }

  private void takePending(Receipt receipt) {
    if (receipt.tells("quiet") && !screen.quiet().isThreat()) {
      screen.keepQuiet(screen.quiet() == Quiet.CANCELLED ? Quiet.THREAT_CANCELLED : Quiet.THREAT);
    }
    question.take(receipt.told("text"), screen.quiet().tellsNothing());
    if (receipt.tells("listen-off")) {
      listening.end();
      // Of an alarm that memory alone knows, nothing is kept.
      if (!choosing.now().listenOff() && store.openPress() != null) {
        choosing.choose(choosing.now().switchedOff(true));
      }
    }
  }

  /** Only if she chose it, never once she said that she is safe or was forced to. */
  private void vibrate(List<Long> patternMs) {
    if (choosing.now().vibrates() && screen.quiet() == Quiet.NO) {
      reporter.report("phone.vibrates", Facts.of("pattern_ms", patternMs));
    }
  }

  /** Nothing of the alarm is left: no question, no state. What was said before it is old. */
  private void forgetAlarm() {
    alarm = checks = "";
    question.forget();
    standing.onOver();
    listening.end();
    if (choosing.now().listenOff()) {
      choosing.choose(choosing.now().switchedOff(false));
    }
    screen.keepQuiet(Quiet.NO);
  }
}
