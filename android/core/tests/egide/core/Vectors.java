package egide.core;

import egide.core.protocol.Bytes;
import egide.core.protocol.Json;
import egide.core.protocol.JsonError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DynamicTest;

/** The vectors of contracts/, as the other implementations read them. */
public final class Vectors {
  private final Map<?, ?> map;

  private Vectors(Object map) {
    this.map = (Map<?, ?>) map;
  }

  /** A file of contracts/. */
  public static Vectors in(String file) {
    try {
      return new Vectors(Json.read(Files.readAllBytes(AllTests.project.resolve("contracts").resolve(file))));
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    } catch (JsonError error) {
      throw new IllegalStateException(error);
    }
  }

  /** The vectors that stand as a table in a page of contracts/. */
  public static Map<String, byte[]> table(String file) {
    Map<String, byte[]> table = new HashMap<>();
    try {
      String page = Files.readString(AllTests.project.resolve("contracts").resolve(file));
      Matcher row = Pattern.compile("(?m)^\\| `([^`]+)` \\| `([0-9a-f]+)` \\|").matcher(page);
      while (row.find()) {
        table.put(row.group(1), Bytes.fromHex(row.group(2)));
      }
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
    return table;
  }

  public List<Vectors> all(String name) {
    List<Vectors> all = new ArrayList<>();
    for (Object each : (List<?>) map.get(name)) {
      all.add(new Vectors(each));
    }
    return all;
  }

  /** A test for each vector under `name`, called by what it says of itself. */
  public static List<DynamicTest> each(List<Vectors> vectors, String title, Check check) {
    List<DynamicTest> tests = new ArrayList<>();
    for (Vectors each : vectors) {
      tests.add(DynamicTest.dynamicTest(String.valueOf(each.value(title)), () -> check.of(each)));
    }
    return tests;
  }

  public interface Check {
    void of(Vectors vector) throws Exception;
  }

  public boolean has(String name) {
    return map.get(name) != null;
  }

  public Object value(String name) {
    return map.get(name);
  }

  public String text(String name) {
    return (String) map.get(name);
  }

  public Long number(String name) {
    return (Long) map.get(name);
  }

  public byte[] bytes(String name) {
    return Bytes.fromHex(text(name));
  }

  /** Null where there is none. */
  public Vectors part(String name) {
    return has(name) ? new Vectors(map.get(name)) : null;
  }

  public List<String> texts(String name) {
    List<String> texts = new ArrayList<>();
    for (Object each : (List<?>) map.get(name)) {
      texts.add((String) each);
    }
    return texts;
  }

  public Map<?, ?> map() {
    return map;
  }
}
