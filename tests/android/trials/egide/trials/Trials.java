package egide.trials;

import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * What the shipped classes do on an invented telephone. Each method of these classes whose name begins so is one trial;
 * `ok NAME` or `failed NAME: why` is printed for each, and the tests in tests/android read it.
 */
public final class Trials {
  private static final List<Class<? extends Trial>> ALL =
      List.of(StayingTrials.class, DozeTrials.class, ButtonTrials.class, AirTrials.class, PhoneTrials.class, VaultTrials.class, SoundTrials.class,
          ReplacingTrials.class, WholeTrials.class, HersTrials.class, PageTrials.class);

  private Trials() {}

  public static void main(String[] arguments) throws Exception {
    Trial.manifest = new File(arguments[0]);
    for (Class<? extends Trial> trials : ALL) {
      Method[] methods = trials.getDeclaredMethods();
      Arrays.sort(methods, Comparator.comparing(Method::getName));
      for (Method method : methods) {
        if (method.getName().startsWith("trial")) run(trials, method);
      }
    }
    // What a telephone has running in threads ends with its process, which the platform kills.
    System.exit(0);
  }

  private static void run(Class<? extends Trial> trials, Method method) throws Exception {
    String said = "ok " + method.getName();
    try {
      method.invoke(trials.getDeclaredConstructor().newInstance());
    } catch (InvocationTargetException failed) {
      Throwable why = failed.getCause();
      said = "failed " + method.getName() + ": " + why + " at " + Arrays.stream(why.getStackTrace()).limit(6).toList();
    }
    System.out.println(said);
  }
}
