package egide.fake;

import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The app's own manifest, read as the platform reads it: what is not written there, or not aware of a locked phone, is not called. */
public final class Manifest {
  /** What is granted only by a person. */
  public static final Set<String> DANGEROUS =
      Set.of(
          "android.permission.BLUETOOTH_CONNECT",
          "android.permission.BLUETOOTH_SCAN",
          "android.permission.ACCESS_FINE_LOCATION",
          "android.permission.ACCESS_COARSE_LOCATION",
          "android.permission.ACCESS_BACKGROUND_LOCATION",
          "android.permission.RECORD_AUDIO",
          "android.permission.SEND_SMS");

  private static final List<String> TYPES = List.of("connectedDevice", "location", "microphone");
  private static final int[] BITS = {16, 8, 128};
  private final Element root;

  public Manifest(File file) throws Exception {
    root = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file).getDocumentElement();
  }

  private static List<Element> all(Element within, String tag) {
    NodeList found = within.getElementsByTagName(tag);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < found.getLength(); i++) elements.add((Element) found.item(i));
    return elements;
  }

  private static String of(Element element, String attribute) {
    return element.getAttribute("android:" + attribute);
  }

  public String name() {
    return root.getAttribute("package");
  }

  public boolean asks(String permission) {
    return all(root, "uses-permission").stream().anyMatch(each -> of(each, "name").equals(permission));
  }

  private Element named(String name) {
    for (String tag : List.of("service", "receiver", "activity"))
      for (Element each : all(root, tag)) if (of(each, "name").equals(name)) return each;
    throw new AssertionError("not in the manifest: " + name);
  }

  boolean isDirect(String name) {
    return of(named(name), "directBootAware").equals("true");
  }

  /** Those that `action` reaches now. */
  List<String> receivers(String action, boolean isUnlocked) {
    List<String> names = new ArrayList<>();
    for (Element each : all(root, "receiver")) {
      boolean takes = all(each, "action").stream().anyMatch(one -> of(one, "name").equals(action));
      if (takes && (isUnlocked || isDirect(of(each, "name")))) names.add(of(each, "name"));
    }
    return names;
  }

  private Element foreground() {
    return all(root, "service").stream().filter(each -> !of(each, "foregroundServiceType").isEmpty()).findFirst().orElseThrow();
  }

  String service() {
    return of(foreground(), "name");
  }

  int types() {
    int types = 0;
    for (String word : of(foreground(), "foregroundServiceType").split("\\|")) types |= BITS[TYPES.indexOf(word)];
    return types;
  }

  String companion() {
    return all(root, "service").stream().filter(each -> of(each, "permission").equals("android.permission.BIND_COMPANION_DEVICE_SERVICE"))
        .map(each -> of(each, "name")).findFirst().orElseThrow();
  }

  String page() {
    return of(all(root, "activity").get(0), "name");
  }
}
