package egide.core.engine;

import egide.core.protocol.Bytes;
import egide.core.protocol.Kind;
import egide.core.protocol.Trigger;
import egide.core.store.PhoneStore;
import egide.core.store.Press;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * What a code does once it is entered. Whichever it is, the same is asked and sent, nothing is written, and the phone opens
 * once the server has signed (safety rule 10).
 */
final class Entering {
  /** The body of "I am safe"; that it was said under threat stands in the trigger. */
  private static final byte[] SAFE = Bytes.utf8("safe");
  private static final int UNAUTHORIZED = 401, NOT_FOUND = 404;

  private final PhoneStore store;
  private final Companion core;
  private final Codes codes;
  private final Screen screen;
  private final Question question;
  private final Testing testing;
  /** Begins to listen, where that is allowed. */
  private final Runnable listen;
  private final Reporter reporter;
  /** The server no longer knows this phone, which then opens all the same. */
  private boolean isUnknown;

  Entering(
      PhoneStore store,
      Companion core,
      Codes codes,
      Screen screen,
      Question question,
      Testing testing,
      Runnable listen,
      Reporter reporter) {
    this.store = store;
    this.core = core;
    this.codes = codes;
    this.screen = screen;
    this.question = question;
    this.testing = testing;
    this.listen = listen;
    this.reporter = reporter;
  }

  /** Whether the code opens the phone. The one for threats opens it too, tells the police, and mutes the phone. */
  void unlock(String pin, Consumer<Answer> then) {
    enter(pin, Quiet.THREAT, then, () -> say(new Draft(Kind.HEARTBEAT).unplaced(), answer -> {
      if (answer == Answer.OPEN) {
        beSure();
      }
      then.accept(answer);
    }));
  }

  /** Says by code that she is safe: information for the operator, nothing more (safety rule 8). */
  void cancel(String pin, Consumer<Answer> then) {
    enter(pin, Quiet.THREAT_CANCELLED, then, () -> {
      question.putAway();
      if (!screen.quiet().isThreat()) {
        screen.keepQuiet(Quiet.CANCELLED);
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
    if (screen.quiet() == Quiet.UNSURE) {
      screen.keepQuiet(Quiet.NO);
      core.tellNow();
    }
    if (codes.areChosen() && !screen.quiet().isThreat()) {
      testing.askIfDue();
    }
  }

  /** Quiet first, then the message: nothing may show or vibrate in between. */
  private void beUnderThreat(Quiet asked, Consumer<Answer> then) {
    screen.keepQuiet(screen.quiet().asThreat(asked));
    question.putAway();
    if (store.openPress() != null || core.untraced.isFollowing()) {
      say(new Draft(Kind.CANCEL).saying(SAFE).triggered(Trigger.DURESS), opened(then));
      return;
    }
    listen.run();
    say(new Draft(Kind.PRESS).triggered(Trigger.DURESS), opened(then));
  }

  private static Consumer<Answer> opened(Consumer<Answer> then) {
    return answer -> then.accept(answer == Answer.OPEN ? Answer.THREAT : answer);
  }

  /** Said from memory alone. A phone that the server no longer knows opens all the same (safety rule 10). */
  private void say(Draft draft, Consumer<Answer> then) {
    Press press = draft.kind == Kind.PRESS ? null : store.openPress();
    draft.of(press == null ? null : (Long) press.counter());
    try {
      core.untraced.say(draft, isThere -> then.accept(isThere || isUnknown ? Answer.OPEN : Answer.OFFLINE));
    } catch (IOException error) {
      reporter.report("phone.not_stored", Facts.of("reason", String.valueOf(error.getMessage())));
      then.accept(Answer.OFFLINE);
    }
  }

  /** A server signed. */
  void onReceipt() {
    isUnknown = false;
  }

  void onRefused(int status) {
    isUnknown = isUnknown || status == UNAUTHORIZED || status == NOT_FOUND;
  }
}
