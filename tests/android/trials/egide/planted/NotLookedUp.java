package egide.planted;

import java.util.HexFormat;

/** Calls what nobody has looked up in the public tables: Java has it, Android has it later or never. */
final class NotLookedUp {
  Object made() {
    return HexFormat.of();
  }

  String said() {
    return "said".indent(2);
  }
}
