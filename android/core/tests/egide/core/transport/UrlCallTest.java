package egide.core.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import egide.core.time.PlayedLoop;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a platform's HTTP throws, of whatever kind, ends one attempt: it is told like a server that says nothing. */
final class UrlCallTest {
  private static final long WITHIN_US = 1_000_000;
  /** Where the platform's own classes throw what is no IOException: no HTTP at all, and a port that there is not. */
  private static final List<String> THROWING = List.of("file:/nothing", "http://127.0.0.1:99999/");

  private final PlayedLoop loop = new PlayedLoop(1_800_000_000_000_000L);
  private final List<String> told = new ArrayList<>();

  /** An attempt in which this is thrown. */
  private final class Throwing extends UrlCall<String> {
    private final Throwable thrown;

    Throwing(Throwable thrown) {
      super(loop);
      this.thrown = thrown;
    }

    @Override
    String asked() throws IOException {
      if (thrown instanceof IOException error) {
        throw error;
      }
      if (thrown instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) thrown;
    }

    @Override
    void tell(String found) {
      told.add(found);
    }
  }

  @Test
  void whateverIsThrownIsToldOnceAsAnAttemptThatBroughtNothing() {
    List<Throwable> kinds = List.of(
        new IOException(), new IllegalStateException(), new SecurityException(), new NullPointerException(),
        new AssertionError(), new NoClassDefFoundError(), new OutOfMemoryError());
    for (Throwable each : kinds) {
      told.clear();
      new Throwing(each).start(WITHIN_US, "nothing");
      loop.runUntil(loop.steadyUs() + 2 * WITHIN_US);
      assertEquals(List.of("nothing"), told, String.valueOf(each));
    }
  }

  @Test
  void anAddressThatThePlatformCannotTakeIsAServerThatSaysNothing() {
    for (String url : THROWING) {
      told.clear();
      new UrlHttp(loop).ask(new Http.Request(url, null, null), new Http.Waiting() {
        @Override
        public void onAnswer(int status, byte[] body) {
          told.add("answer " + status);
        }

        @Override
        public void onSilence() {
          told.add("silence");
        }
      });
      new UrlFetch(loop).fetch(url, new File("nothing"), 1, isFetched -> told.add("fetched " + isFetched));
      loop.run();
      assertEquals(List.of("silence", "fetched false"), told, url);
    }
  }
}
