package egide.core.engine;

import egide.core.rules.Rules;

/** What the operator asks her: readable in one glance; empty when there is nothing to answer. */
final class Question {
  private final Reporter reporter;
  private String asked = "";
  private String answered = "";

  Question(Reporter reporter) {
    this.reporter = reporter;
  }

  /** What a reply asks, "" for nothing; nothing of it is shown if the phone `isQuiet`. */
  void take(String question, boolean isQuiet) {
    if (question.isEmpty()) {
      answered = "";
    }
    boolean isNews = Rules.QUESTIONS.contains(question) && !question.equals(answered);
    ask(isNews && !isQuiet ? question : "");
  }

  /** What is shown of it now. */
  String asked() {
    return asked;
  }

  /** It is not shown again, unless it is asked anew. */
  void putAway() {
    answered = asked;
    ask("");
  }

  /** The alarm is over. */
  void forget() {
    ask("");
    answered = "";
  }

  private void ask(String question) {
    if (!question.equals(asked)) {
      asked = question;
      reporter.report("phone.asks", Facts.of("question", question));
    }
  }
}
