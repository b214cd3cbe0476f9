package egide.core.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** An object of JSON, asked for what it must hold. Whatever else it says is not looked at. */
public final class Fields {
  private final Map<?, ?> map;

  private Fields(Map<?, ?> map) {
    this.map = map;
  }

  static Fields of(Object value) throws JsonError {
    if (!(value instanceof Map<?, ?> map)) {
      throw new JsonError("not an object");
    }
    return new Fields(map);
  }

  public boolean has(String name) {
    return map.containsKey(name);
  }

  public boolean isNull(String name) {
    return map.get(name) == null;
  }

  public String text(String name) throws JsonError {
    return textOf(map.get(name), name);
  }

  public String text(String name, String absent) throws JsonError {
    return has(name) ? text(name) : absent;
  }

  public long number(String name) throws JsonError {
    if (!(map.get(name) instanceof Long number)) {
      throw new JsonError(name + ": expected a whole number");
    }
    return number;
  }

  public long number(String name, long absent) throws JsonError {
    return has(name) ? number(name) : absent;
  }

  public boolean flag(String name) throws JsonError {
    if (!(map.get(name) instanceof Boolean flag)) {
      throw new JsonError(name + ": expected true or false");
    }
    return flag;
  }

  public Fields fields(String name) throws JsonError {
    return of(map.get(name));
  }

  public List<String> texts(String name) throws JsonError {
    List<String> texts = new ArrayList<>();
    for (Object each : list(name)) {
      texts.add(textOf(each, name));
    }
    return texts;
  }

  public List<Fields> objects(String name) throws JsonError {
    List<Fields> objects = new ArrayList<>();
    for (Object each : list(name)) {
      objects.add(of(each));
    }
    return objects;
  }

  private List<?> list(String name) throws JsonError {
    if (!(map.get(name) instanceof List<?> list)) {
      throw new JsonError(name + ": expected an array");
    }
    return list;
  }

  private static String textOf(Object value, String name) throws JsonError {
    if (!(value instanceof String text)) {
      throw new JsonError(name + ": expected text");
    }
    return text;
  }
}
