package egide.core.engine;

import egide.core.ports.Radio;
import egide.core.ports.Texts;
import egide.core.protocol.Battery;
import egide.core.protocol.Bytes;
import egide.core.protocol.Enrolment;
import egide.core.protocol.Kind;
import egide.core.protocol.KeyLost;
import egide.core.protocol.LinkFlag;
import egide.core.protocol.Message;
import egide.core.protocol.Position;
import egide.core.protocol.Trigger;
import egide.core.store.Outgoing;
import egide.core.store.PhoneStore;
import egide.core.store.Press;
import egide.core.time.Loop;
import egide.core.transport.Sender;
import java.io.IOException;
import java.util.Map;

/**
 * The life of a press on the phone: checked, kept, acknowledged to the button, sent until the server has signed.
 *
 * Presses have a lane of their own. Everything else (positions, heartbeats, notices) waits while a press is on its way.
 * Its model is src/egide/companion/core.py; a differential test holds it against that.
 */
final class Companion implements Untraced.Ways {
  private static final int TAKEN =
      LinkFlag.POSITION_REFUSED | LinkFlag.RADIO_OFF | LinkFlag.SAVER_ON | LinkFlag.TEXTS_REFUSED;

  private final Loop loop;
  private final PhoneStore store;
  private final Radio radio;
  private final Around around;
  private final Reporter reporter;
  private final Listener listener;
  private final KitSettings kit;
  private final Button button;
  private final Presses presses;
  private final TextPresses texts;
  private final Others others;
  private final HeldBack heldBack;
  private final Arming arming;
  private final Telling telling;
  private final Sending sending;
  final Untraced untraced;
  private boolean isOver;

  Companion(
      Enrolment enrolment,
      PhoneStore store,
      Radio radio,
      Sender sender,
      Texts byText,
      Around around,
      Loop loop,
      Reporter reporter,
      Chance chance,
      Listener listener) {
    this.loop = loop;
    this.store = store;
    this.radio = radio;
    this.around = around;
    this.reporter = reporter;
    this.listener = listener;
    kit = new KitSettings(enrolment.settings(), store, radio, enrolment.buttonKey(), this::note, reporter);
    button = new Button(this, loop, store, radio, kit, reporter, enrolment.buttonKey());
    texts = new TextPresses(loop, enrolment.texts(), byText, reporter);
    heldBack = new HeldBack(loop, store);
    arming = new Arming(loop, store, this::note, reporter, this::alarmIsOpen);
    telling = new Telling(loop, store, kit::now, arming::pauseUs, this::tell, heldBack);
    sending = new Sending(sender, store, loop, reporter, listener, new Sending.Told(texts, telling, kit, arming));
    presses = new Presses(loop, sending, chance);
    others = new Others(loop, store, presses, sending, chance);
    untraced = new Untraced(loop, this, sending, () -> kit.now().positionIntervalS() * 1_000_000, chance);
    around.onPermission(this::note);
  }

  /** Takes up what an earlier life left unsent, and goes on. */
  void start() {
    try {
      // Before anybody enters a code: entering one writes nothing.
      store.doReserve(0);
    } catch (IOException error) {
      failToStore(error, Facts.of());
    }
    for (Outgoing press : store.unsentPresses()) {
      deliver(press);
    }
    radio.start(button);
    // What the button says before this comes first.
    loop.soon(this::tellOfStart);
  }

  private void tellOfStart() {
    if (!isOver) {
      others.start();
      telling.start();
    }
  }

  void stop() {
    isOver = true;
    radio.stop();
    presses.stop();
    texts.stop();
    others.stop();
    telling.stop();
    untraced.stop();
  }

  /** Tries again now instead of after the pause: the network is back, or somebody pressed. */
  void hurry() {
    presses.hurry();
    others.hurry();
    untraced.hurry();
  }

  /** Finds the kit's button; both prove that they belong together. */
  void pair(Claiming claim, Radio.Paired paired) {
    radio.pair(claim, new Radio.Paired() {
      @Override
      public void onPaired() {
        // Its presses come by the link that follows; the zone hears at once that there is one.
        loop.soon(telling::now);
        paired.onPaired();
      }

      @Override
      public void onFailed(String word) {
        paired.onFailed(word);
      }
    });
  }

  /** The button's battery in percent, as it said last, null when it never did; the two texts that are offered. */
  void describe(Map<String, Object> state) {
    state.put("buttonPct", button.pct());
    state.put("smsLinks", String.join(" ", texts.offered()));
  }

  /** No alarm is open, nor was one just now, and no press waits. */
  boolean isAtRest() {
    boolean isFollowed = untraced.isFollowing() || store.followedPress(loop.nowUs(), kit.now().tailS()) != null;
    return !isFollowed && store.unsentPresses().isEmpty();
  }

  /** Says how things are, at once. */
  void tellNow() {
    telling.now();
  }

  // -- from the person ------------------------------------------------------------------------------------------

  /** For `lastsUs` the next press is a test, once (safety rule 20); 0 ends it. */
  void armTest(long lastsUs) {
    arming.arm(lastsUs);
  }

  /** A press without a button at hand. */
  void pressOnScreen() {
    keep(message(arming.made(loop.nowUs(), 0).triggered(Trigger.SCREEN)), 0);
  }

  /** A message that belongs to the open alarm, to be sent in its turn. */
  void say(Kind kind, byte[] body) {
    Press press = store.openPress();
    if (press == null && untraced.isFollowing()) {
      try {
        untraced.tell(new Draft(kind).saying(body));
      } catch (IOException error) {
        failToStore(error, Facts.of());
      }
      return;
    }
    Long counter = press == null ? null : (Long) press.counter();
    addOther(message(new Draft(kind).of(counter).saying(body)));
  }

  /** What the zone should know of this phone (protocol/Notice.java). Where somebody is does not belong there. */
  void note(String word) {
    addOther(message(new Draft(Kind.NOTICE).unplaced().saying(Bytes.utf8(word))));
  }

  private boolean alarmIsOpen() {
    return untraced.isFollowing() || store.openPress() != null;
  }

  /** A press of the button at `atUs`, null when it does not know. It may be up to `earlierUs` older than that. */
  Message pressed(Long atUs, long earlierUs) {
    long sentAtS = Math.floorDiv(atUs == null ? loop.nowUs() : atUs, 1_000_000L);
    return message(arming.made(atUs, earlierUs).triggered(Trigger.BUTTON).at(sentAtS));
  }

  /** Durable first; only then does anybody hear of it. False when the disk refuses: the button says it again. */
  boolean keep(Message message, long buttonCounter) {
    Object counter = buttonCounter == 0 ? null : (Object) buttonCounter;
    Outgoing press;
    try {
      press = store.doAddPress(buttonCounter, message);
    } catch (IOException | KeyLost error) {
      failToStore(error, Facts.of("counter", counter));
      return false;
    }
    if (press == null) {
      // Kept before, by a repetition: durable all the same.
      return true;
    }
    listener.onKept();
    if (buttonCounter != 0) {
      listener.onButton();
    }
    if (press.kind() == Kind.TEST) {
      listener.onTest();
      reporter.report("phone.test_stored", Facts.of("counter", counter, "at_us", loop.nowUs()));
      others.go();
      return true;
    }
    deliver(press);
    String alarm = store.kid() + "-" + press.counter();
    reporter.report("phone.stored", Facts.of("alarm", alarm, "counter", counter, "at_us", loop.nowUs()));
    around.follow(true);
    listener.onStored(press);
    // A new press is a reason to try everything again at once, and a trail begins even without a receipt.
    hurry();
    loop.after(kit.now().positionIntervalS() * 1_000_000, telling::now);
    return true;
  }

  private void deliver(Outgoing press) {
    texts.follow(press);
    presses.start(press);
  }

  // -- everything else to the server ----------------------------------------------------------------------------

  /** Adds a position that names our own press; which alarm that joined is the server's affair. */
  private void tell(Long press) {
    around.follow(press != null);
    if (press == null && radio.isConnected()) {
      radio.askBattery();
      kit.giveToButton();
      // What the button answers at once is said already.
      loop.soon(() -> tellOf(null));
      return;
    }
    tellOf(press);
  }

  private void tellOf(Long press) {
    Position position = press == null ? null : around.position();
    Kind kind = position == null ? Kind.HEARTBEAT : Kind.POSITION;
    addOther(message(new Draft(kind).of(press), position));
  }

  private void addOther(Message message) {
    try {
      store.doAdd(message);
      listener.onKept();
    } catch (IOException | KeyLost error) {
      failToStore(error, Facts.of());
    }
    others.go();
  }

  void failToStore(Exception error, Map<String, Object> facts) {
    sending.reportNotStored(error, facts);
    listener.onNotStored();
  }

  private Message message(Draft draft) {
    return message(draft, draft.isPlaced ? around.position() : null);
  }

  /** How things are now; the store gives the counter. */
  private Message message(Draft draft, Position position) {
    long sentAtS = draft.sentAtS == null ? Math.floorDiv(loop.nowUs(), 1_000_000L) : draft.sentAtS;
    return new Message(
        draft.kind,
        0,
        sentAtS,
        position,
        new Battery(around.phonePct(), button.pct()),
        (Long) (long) link(),
        draft.trigger,
        draft.press,
        draft.body);
  }

  /** Of what the platform may take away, what it took: link flags. */
  int taken() {
    return link() & TAKEN;
  }

  private int link() {
    int flags = around.flags() | (texts.areRefused() ? LinkFlag.TEXTS_REFUSED : 0);
    flags |= store.isMended() ? LinkFlag.STORE_MENDED : 0;
    flags |= heldBack.is() ? LinkFlag.HELD_BACK : 0;
    flags |= radio.isPaired() ? LinkFlag.BUTTON_PAIRED : 0;
    return flags | (radio.isConnected() ? LinkFlag.BUTTON_CONNECTED : 0);
  }

  // -- what is never kept ---------------------------------------------------------------------------------------

  @Override
  public Outgoing sealUntraced(Draft draft) throws IOException {
    return store.sealUntraced(message(draft));
  }

  @Override
  public boolean hasPosition() {
    return around.position() != null;
  }

  @Override
  public void onUntracedClosed() {
    listener.onOver();
  }

  @Override
  public void onUntracedFailed(IOException error) {
    failToStore(error, Facts.of());
  }
}
