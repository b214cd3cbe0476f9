package egide.core.engine;

import egide.core.ports.Radio;
import egide.core.protocol.Fields;
import egide.core.protocol.JsonError;
import egide.core.rules.Rules;

/** What her page asks of a phone that has a kit: docs/android.md has each question and its answers. */
final class Asked {
  /** Who hears what was asked, and the word of its answer. */
  interface Answered {
    void accept(String what, String word);
  }

  private final App app;
  private final Answered answer;
  private final Runnable tell;

  /** `tell` says how things stand. */
  Asked(App app, Answered answer, Runnable tell) {
    this.app = app;
    this.answer = answer;
    this.tell = tell;
  }

  /** Throws JsonError and IllegalArgumentException for what no page of ours asks; nothing has changed then. */
  void take(String what, Fields question) throws JsonError {
    switch (what) {
      case "press":
        app.pressOnScreen();
        break;
      case "test":
        app.armTest();
        break;
      case "untest":
        app.disarmTest();
        break;
      case "prove":
        app.prove();
        break;
      case "leave":
        app.leave();
        break;
      case "unlock":
        app.unlock(question.text("code"), found -> answer.accept(what, found.name()));
        return;
      case "cancel":
        app.cancel(question.text("code"), found -> answer.accept(what, found.name()));
        return;
      case "codes":
        chooseCodes(question.text("own"), question.text("threat"));
        return;
      case "pair":
        pair();
        return;
      case "answer":
        app.answer(question.text("word"));
        break;
      case "vibrates":
        app.vibrate(question.flag("is"));
        break;
      case "listens":
        app.allowListening(question.flag("is"));
        break;
      default:
        throw new IllegalArgumentException("what: " + what);
    }
    tell.run();
  }

  private void pair() {
    app.pair(new Radio.Paired() {
      @Override
      public void onPaired() {
        answer.accept("pair", "PAIRED");
      }

      @Override
      public void onFailed(String word) {
        answer.accept("pair", word);
      }
    });
  }

  /** Codes that cannot be are refused with the reason, whatever the page has looked at. */
  private void chooseCodes(String own, String threat) {
    if (!Rules.isPin(own) || !Rules.isPin(threat)) {
      answer.accept("codes", "SHORT");
      return;
    }
    if (own.equals(threat)) {
      answer.accept("codes", "SAME");
      return;
    }
    try {
      app.choosePins(own, threat, new Codes.Chosen() {
        @Override
        public void onChosen() {
          answer.accept("codes", "CHOSEN");
        }

        @Override
        public void onFailed(String word, String reason) {
          answer.accept("codes", word);
        }
      });
    } catch (IllegalArgumentException locked) {
      // There are codes already, and no page is open.
      answer.accept("codes", "LOCKED");
    }
  }
}
