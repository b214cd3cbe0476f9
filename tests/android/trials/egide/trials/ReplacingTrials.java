package egide.trials;

import egide.core.ports.Updates;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;

/** A newer version takes the place of the app: by her word, and by the platform's own question. */
final class ReplacingTrials extends Trial {
  private static final byte[] NEWER = {'P', 'K', 3, 4, 5};
  private int failed;

  private Updates updates() {
    return Recorder.last().platform.updates();
  }

  private boolean install() {
    try {
      File file = new File(handset.disk, "newer.apk");
      Files.write(file.toPath(), NEWER);
      boolean isBegun = updates().install(file, () -> failed++);
      handset.settle();
      return isBegun;
    } catch (IOException error) {
      throw new AssertionError(error);
    }
  }

  private void opened() {
    handset.boot();
    handset.unlock();
    handset.open();
  }

  void trialThePlatformGetsTheWholeFileAndAsksHerAndTheNewOneHearsTheButton() {
    opened();
    check(install(), "it is handed over");
    check(Arrays.equals(NEWER, handset.installer.sessions.get(1).toByteArray()), "whole");
    same(1, handset.begun.size());
    same("android.content.pm.action.CONFIRM_INSTALL", handset.begun.get(0).getAction());
    handset.installer.answer(true);
    handset.pass(5_000);
    same(2, Recorder.all.size());
    pressIsHeard();
    same(0, failed);
  }

  void trialSheSaysNoAndAllIsAsBeforeAndCanBeAskedAgain() {
    opened();
    install();
    handset.installer.answer(false);
    handset.settle();
    same(1, failed);
    same(1, Recorder.all.size());
    pressIsHeard();
    handset.screen(true);
    check(install(), "once more");
    same(2, handset.begun.size());
  }

  void trialWhatIsGivenUpAsksNobodyAndChangesNothing() {
    opened();
    updates().giveUp();
    install();
    updates().giveUp();
    check(handset.installer.sessions.isEmpty(), "taken back");
    updates().giveUp();
    same(0, failed);
  }

  void trialAPlatformThatRefusesIsNoEndOfTheApp() {
    opened();
    handset.installer.refuses = true;
    check(!install(), "said at once");
    same(0, handset.begun.size());
    pressIsHeard();
  }

  void trialWithoutAWindowOnTheScreenNothingShows() {
    handset.boot();
    handset.unlock();
    install();
    same(0, handset.begun.size());
  }

  void trialTheAppKnowsItsOwnFile() {
    handset.boot();
    same(new File(handset.disk, "base.apk"), updates().own());
  }
}
