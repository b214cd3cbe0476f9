package egide.core.time;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The core's real thread. */
final class ThreadLoopTest {
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private final ThreadLoop loop =
      new ThreadLoop(System::currentTimeMillis, System::currentTimeMillis, ms -> {}, failures::add);

  @Test
  void whatRunsWhileItIsStoppedMayAskForMoreWhichIsNotDone() throws Exception {
    List<String> done = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> over = new CompletableFuture<>();
    loop.start();
    loop.soon(
        () -> {
          loop.stop();
          loop.elsewhere(() -> done.add("elsewhere"), ok -> done.add("then"));
          over.complete(null);
        });
    over.get(60, TimeUnit.SECONDS);
    loop.stop();
    assertEquals(List.of(), failures);
    assertEquals(List.of(), done);
  }
}
