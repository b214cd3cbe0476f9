package egide.core;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Runs every test of this package and of those below it; the project's folder is the first argument. */
public final class AllTests {
  /** Where contracts/ is. */
  static Path project;

  private AllTests() {}

  /** Names what takes long: the tests of every run have ten minutes together. */
  private static final class Slow implements TestExecutionListener {
    private static final long LONG_MS = 1000;
    private final Map<String, Long> beganMs = new HashMap<>();

    @Override
    public void executionStarted(TestIdentifier test) {
      beganMs.put(test.getUniqueId(), System.currentTimeMillis());
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      long tookMs = System.currentTimeMillis() - beganMs.get(test.getUniqueId());
      if (test.isTest() && tookMs > LONG_MS) {
        System.out.println(tookMs + " ms: " + test.getDisplayName());
      }
    }
  }

  public static void main(String[] arguments) {
    project = Path.of(arguments[0]);
    LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
        .selectors(DiscoverySelectors.selectPackage("egide.core"))
        .build();
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    Launcher launcher = LauncherFactory.create();
    launcher.execute(request, listener, new Slow());
    TestExecutionSummary summary = listener.getSummary();
    summary.printFailuresTo(new PrintWriter(System.out), 12);
    System.out.println(summary.getTestsSucceededCount() + " passed, " + summary.getTestsFailedCount() + " failed");
    boolean isWell = summary.getTotalFailureCount() == 0 && summary.getTestsSucceededCount() > 0;
    System.exit(isWell ? 0 : 1);
  }
}
