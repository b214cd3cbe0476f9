package egide.core.newer;

import egide.core.ports.Updates;
import egide.core.rules.Rules;
import egide.core.time.Loop;
import egide.core.transport.Fetch;
import egide.core.transport.Http;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/**
 * A newer version of the app: looked for once a day at the kit's own addresses, held against the app's own signer, offered on her
 * page, and handed to the platform by her word alone. All of it at rest; an alarm ends it (docs/decisions/0088).
 */
public final class Newer {
  public static final long DAY_US = 86_400_000_000L;
  /** Where an installation hands the app out (src/egide/entrypoints/urls.py). */
  private static final String PLACE = "/app/android/";
  private static final int OK = 200, NOT_FOUND = 404;
  /** After a day without an answer that is of use. */
  private static final int TRIES_A_DAY = 24;

  private final Parts parts;
  private final List<String> servers = new ArrayList<>();
  private final File coming, kept;
  private long dueUs;
  private Apk own;
  /** What she is offered; null for nothing. */
  private Apk offered;
  private boolean isTakenUp, isInstalling;
  /** Who waits for what becomes of her word; null for nobody. */
  private Consumer<String> answering;
  /** Whether something is asked, fetched or checked; and the how manieth of these. */
  private boolean isBusy;
  private int turn;
  private Http.Call call;

  /**
   * `folder` can be written; `isAtRest`: no alarm is open or was just now, and no press waits; `chance` from 0 to 1; `changed` is
   * called when her page may show something else; `dayUs` is DAY_US but in tests.
   */
  public record Parts(
      Loop loop,
      Http http,
      Fetch fetch,
      Updates updates,
      File folder,
      BooleanSupplier isAtRest,
      DoubleSupplier chance,
      Runnable changed,
      long dayUs) {}

  /** The addresses of the kit, where it was enrolled and those that it learnt there: no other is ever asked. */
  public Newer(Parts parts, String address, List<String> learnt) {
    this.parts = parts;
    add(address);
    learnt.forEach(this::add);
    coming = new File(parts.folder, "coming.apk");
    kept = new File(parts.folder, "newer.apk");
    // Any hour of the day: a phone that always asks at the same one would tell when it was set up, or switched on.
    dueUs = parts.loop.steadyUs() + pauseUs(0, 1);
  }

  private void add(String address) {
    try {
      String server = Rules.checkServer(address);
      if (!servers.contains(server)) {
        servers.add(server);
      }
    } catch (IllegalArgumentException unsafe) {
      // It carries no message either.
      return;
    }
  }

  private long pauseUs(double from, double to) {
    return (long) (parts.dayUs * (from + (to - from) * parts.chance.getAsDouble()));
  }

  /** Whether there is something to offer her now. */
  public boolean isOffered() {
    return offered != null && parts.isAtRest.getAsBoolean();
  }

  /** Something changed. No timer of its own: the phone is awake now, and a day does not hang on a quarter of an hour. */
  public void look() {
    if (!parts.isAtRest.getAsBoolean()) {
      stop();
    } else if (!isBusy && !isTakenUp) {
      isTakenUp = true;
      takeUp();
    } else if (!isBusy && parts.loop.steadyUs() >= dueUs) {
      ask();
    }
  }

  /** An alarm begins, or the phone ends: nothing more of it. */
  public void stop() {
    if (isBusy) {
      isBusy = false;
      turn++;
      if (call != null) {
        call.cancel();
      }
      dueUs = parts.loop.steadyUs() + pauseUs(0, 1.0 / TRIES_A_DAY);
    }
    if (isInstalling) {
      parts.updates.giveUp();
    }
    say("NOT_NOW");
  }

  /** What an earlier life checked; once it was installed it is newer no more. */
  private void takeUp() {
    if (kept.exists()) {
      check(kept, null, this::offer);
    }
  }

  private void offer(Apk found) {
    offered = found;
    if (found == null) {
      delete(kept);
    }
    end(0.75, 1.25);
  }

  /** Nothing more to be done until so many days have passed. */
  private void end(double fromDays, double toDays) {
    isBusy = false;
    call = null;
    dueUs = parts.loop.steadyUs() + pauseUs(fromDays, toDays);
    parts.changed.run();
  }

  /** Whatever waits for a disk or a processor; forgotten when it was given up meanwhile. */
  private <T> void work(Supplier<T> work, Consumer<T> then) {
    isBusy = true;
    int ours = turn;
    parts.loop.elsewhere(work, made -> {
      if (ours == turn) {
        then.accept(made);
      }
    });
  }

  // -- asking ---------------------------------------------------------------------------------------------------

  private void ask() {
    work(this::readOwn, found -> {
      own = found;
      if (own == null) {
        end(0.75, 1.25);
      } else {
        askNext(servers.iterator(), true);
      }
    });
  }

  private Apk readOwn() {
    return own == null ? read(parts.updates.own()) : own;
  }

  private static Apk read(File file) {
    try {
      return Apk.read(file);
    } catch (ApkError error) {
      return null;
    }
  }

  /** `isGone`: all who were asked before said that nothing is handed out. */
  private void askNext(Iterator<String> waiting, boolean isGone) {
    if (!waiting.hasNext()) {
      leave(isGone);
      return;
    }
    String server = waiting.next();
    int ours = turn;
    call = parts.http.ask(new Http.Request(server + PLACE + "newest.json", null, null), new Http.Waiting() {
      @Override
      public void onAnswer(int status, byte[] body) {
        if (ours != turn) {
          return;
        }
        Newest newest = status == OK ? Newest.in(body) : null;
        if (newest == null) {
          askNext(waiting, isGone && status == NOT_FOUND);
        } else {
          take(server, newest);
        }
      }

      @Override
      public void onSilence() {
        if (ours == turn) {
          askNext(waiting, false);
        }
      }
    });
  }

  /** What was withdrawn is no longer offered; where nobody answered, what was offered stays. */
  private void leave(boolean isGone) {
    if (isGone) {
      offer(null);
    } else {
      end(0.5 / TRIES_A_DAY, 1.5 / TRIES_A_DAY);
    }
  }

  // -- fetching -------------------------------------------------------------------------------------------------

  private void take(String server, Newest newest) {
    if (newest.versionCode() <= own.versionCode()) {
      offer(null);
      return;
    }
    if (offered != null && offered.sha256().equals(newest.sha256())) {
      offer(offered);
      return;
    }
    int ours = turn;
    call = parts.fetch.fetch(server + PLACE + "notes.apk", coming, newest.bytes(), isWhole -> {
      if (ours != turn) {
        return;
      }
      if (isWhole) {
        check(coming, newest, this::keep);
      } else {
        delete(coming);
        end(0.75, 1.25);
      }
    });
  }

  /** `then` gets what `file` is; null for anything that must not be offered. `newest`: what it was said to be, if anybody said. */
  private void check(File file, Newest newest, Consumer<Apk> then) {
    work(() -> {
      Apk ours = readOwn();
      Apk found = read(file);
      boolean isFit = ours != null && found != null && found.follows(ours);
      boolean isSaid = newest == null
          || isFit && found.sha256().equals(newest.sha256()) && found.versionCode() == newest.versionCode();
      return isFit && isSaid ? found : null;
    }, then);
  }

  /** What was offered before stays until another is whole. */
  private void keep(Apk found) {
    boolean isKept = found != null && isMoved();
    delete(coming);
    if (isKept) {
      offer(found);
    } else {
      end(0.75, 1.25);
    }
  }

  private boolean isMoved() {
    try {
      Files.move(coming.toPath(), kept.toPath(), StandardCopyOption.REPLACE_EXISTING);
      return true;
    } catch (IOException error) {
      return false;
    }
  }

  private static void delete(File file) {
    try {
      Files.deleteIfExists(file.toPath());
    } catch (IOException error) {
      // It is written over the next time.
      return;
    }
  }

  // -- installing -----------------------------------------------------------------------------------------------

  /** By her word. `answer` gets NOT_NOW in an alarm or where nothing is offered, FAILED when this app stays as it is. */
  public void install(Consumer<String> answer) {
    if (!isOffered() || isBusy || answering != null) {
      answer.accept("NOT_NOW");
      return;
    }
    answering = answer;
    // Whatever happened to the file since, it is what it was.
    check(kept, null, found -> {
      isBusy = false;
      if (found == null) {
        offer(null);
        say("FAILED");
      } else {
        hand();
      }
    });
  }

  private void hand() {
    isInstalling = true;
    parts.loop.elsewhere(() -> parts.updates.install(kept, () -> say("FAILED")), isBegun -> {
      if (!isInstalling) {
        // An alarm came while it was handed over.
        parts.updates.giveUp();
      } else if (!isBegun) {
        say("FAILED");
      }
    });
  }

  private void say(String word) {
    isInstalling = false;
    Consumer<String> waiting = answering;
    answering = null;
    if (waiting != null) {
      waiting.accept(word);
    }
  }
}
