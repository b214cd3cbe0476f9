package egide.trials;

import egide.core.ports.Phone;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.util.function.Function;

/** The app's own classes, as they are shipped, loaded anew for each process: nothing static of an ended one is left. */
final class Processes extends ClassLoader {
  private static final String APP = "egide.app.";

  private Processes() {
    super(Processes.class.getClassLoader());
  }

  /** A process as it is shipped, with its own core. */
  static ClassLoader shipped() {
    return new Processes();
  }

  /** A process whose core is what `core` makes. */
  static ClassLoader begun(Function<Phone.Platform, Phone> core) {
    try {
      Processes made = new Processes();
      set(made, "maker", core);
      set(made, "hearsBroadcasts", Recorder.hearsBroadcasts);
      return made;
    } catch (ReflectiveOperationException error) {
      throw new AssertionError(error);
    }
  }

  private static void set(ClassLoader process, String name, Object value) throws ReflectiveOperationException {
    Field field = process.loadClass(APP + "Running").getDeclaredField(name);
    field.setAccessible(true);
    field.set(null, value);
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolves) throws ClassNotFoundException {
    // The level stands in a class that is read once a process.
    if (!name.startsWith(APP) && !name.startsWith("android.os.Build")) return super.loadClass(name, resolves);
    Class<?> known = findLoadedClass(name);
    return known == null ? own(name) : known;
  }

  private Class<?> own(String name) throws ClassNotFoundException {
    try (InputStream stream = getResourceAsStream(name.replace('.', '/') + ".class")) {
      if (stream == null) throw new ClassNotFoundException(name);
      byte[] bytes = stream.readAllBytes();
      return defineClass(name, bytes, 0, bytes.length);
    } catch (IOException error) {
      throw new ClassNotFoundException(name, error);
    }
  }
}
