package egide.core.phone;

import egide.core.newer.Apk;
import egide.core.newer.ApkError;
import egide.core.protocol.Json;
import java.io.File;
import java.util.LinkedHashMap;
import java.util.Map;

/** Says of each file of a folder, in the order of their names, which app it is: one object of JSON a line, null for one that is refused. */
public final class ReadApks {
  private ReadApks() {}

  public static void main(String[] arguments) {
    File[] files = new File(arguments[0]).listFiles();
    java.util.Arrays.sort(files);
    for (File file : files) {
      System.out.println(Json.write(read(file)));
    }
  }

  private static Map<String, Object> read(File file) {
    try {
      Apk found = Apk.read(file);
      Map<String, Object> said = new LinkedHashMap<>();
      said.put("package", found.name());
      said.put("version_code", found.versionCode());
      said.put("version", found.version());
      said.put("bytes", file.length());
      said.put("sha256", found.sha256());
      said.put("signer", found.signer());
      return said;
    } catch (ApkError refused) {
      return null;
    }
  }
}
