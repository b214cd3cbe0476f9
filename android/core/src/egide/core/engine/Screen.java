package egide.core.engine;

/** The one line that is shown, or why it stands still; reported whenever it changes. Its model is src/egide/companion/screen.py. */
final class Screen {
  private static final int UNAUTHORIZED = 401, ACCEPTED = 202;

  private final Reporter reporter;
  private Quiet quiet = Quiet.NO;
  private Line line = Line.NOTHING;

  Screen(Reporter reporter) {
    this.reporter = reporter;
  }

  /** Why nothing of the alarm is said. */
  Quiet quiet() {
    return quiet;
  }

  /** Leaves standing what is shown; but for NO, what comes from now on is not shown. */
  void keepQuiet(Quiet why) {
    quiet = why;
  }

  /** Says nothing more of the alarm; what is shown says whether she cancelled it. */
  void endQuietly() {
    put(quiet.saysCancelled() ? Line.SAFE_TOLD : Line.CONNECTED);
  }

  void refused(int status) {
    switch (status) {
      case UNAUTHORIZED:
        show(Line.UNKNOWN_HERE);
        break;
      case ACCEPTED:
        show(Line.KEPT);
        break;
      default:
        show(Line.REFUSED);
    }
  }

  /** `state` is the alarm's word from the reply, empty at rest; `checks` what is to be looked at then. */
  void answered(String state, String checks) {
    if (state.equals("closed")) {
      show(Line.CLOSED);
    } else if (state.equals("acknowledged")) {
      show(Line.ACKNOWLEDGED);
    } else if (!state.isEmpty()) {
      show(Line.RECEIVED);
    } else {
      show(checks.isEmpty() ? Line.CONNECTED : Line.NEEDS_A_LOOK);
    }
  }

  /** Whether what is shown says that the operator was told that she is safe. */
  boolean saysCancelled() {
    return line == Line.SAFE_TOLD && quiet.saysCancelled();
  }

  void show(Line news) {
    if (quiet == Quiet.NO) {
      put(news);
    }
  }

  private void put(Line news) {
    if (news != line) {
      line = news;
      reporter.report("phone.shows", Facts.of("line", news.name()));
    }
  }
}
