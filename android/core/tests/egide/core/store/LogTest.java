package egide.core.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import egide.core.protocol.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log: what was appended is there, in its order, whatever ended the process or happened to the file. */
final class LogTest {
  @TempDir
  Path folder;

  private Path path;
  private final Log.Found found = new Log.Found();

  @BeforeEach
  void begin() {
    path = folder.resolve("log");
  }

  private Log opened(List<String> records) throws IOException {
    records.clear();
    found.isDamaged = false;
    return Log.open(path, record -> {
      if (record.length > 0 && record[0] == '?') {
        throw new IllegalArgumentException("means nothing");
      }
      records.add(Bytes.text(record));
    }, found);
  }

  private List<String> read() throws IOException {
    List<String> records = new ArrayList<>();
    opened(records).close();
    return records;
  }

  private Log begun(String... records) throws IOException {
    Log log = opened(new ArrayList<>());
    List<byte[]> first = new ArrayList<>();
    for (String each : records) {
      first.add(Bytes.utf8(each));
    }
    log.rewrite(first);
    return log;
  }

  private static void append(Log log, String record) throws IOException {
    log.append(Bytes.utf8(record), true);
  }

  @Test
  void recordsComeBackInTheirOrder() throws IOException {
    try (Log log = begun("a")) {
      append(log, "b");
      append(log, "");
      append(log, "c".repeat(100_000));
    }
    assertEquals(List.of("a", "b", "", "c".repeat(100_000)), read());
    assertFalse(found.isDamaged || found.isNew);
  }

  @Test
  void whatNobodyWaitsForIsInItsPlaceAllTheSame() throws IOException {
    try (Log log = begun("a")) {
      log.appendSoon(Bytes.utf8("b"), true);
      append(log, "c");
      log.appendSoon(Bytes.utf8("d"), false);
      log.force();
    }
    assertEquals(List.of("a", "b", "c", "d"), read());
  }

  @Test
  void whatStandsInTheFileCountsAlthoughNobodyClosedIt() throws IOException {
    Log log = begun("a");
    append(log, "b");
    Files.copy(path, folder.resolve("copy"));
    path = folder.resolve("copy");
    assertEquals(List.of("a", "b"), read());
    log.close();
  }

  @Test
  void ofAnAppendThatWasCutShortAnywhereNothingRemainsAndAllBeforeDoes() throws IOException {
    try (Log log = begun("first", "second")) {
      long before = log.bytes();
      append(log, "third");
      byte[] whole = Files.readAllBytes(path);
      for (long cut = before; cut < log.bytes(); cut++) {
        byte[] torn = whole.clone();
        Arrays.fill(torn, (int) cut, torn.length, (byte) 0);
        Path copy = folder.resolve("torn" + cut);
        Files.write(copy, torn);
        Files.write(folder.resolve("short" + cut), Bytes.slice(whole, 0, (int) cut));
      }
      for (long cut = before; cut < log.bytes(); cut++) {
        for (String kind : List.of("torn", "short")) {
          path = folder.resolve(kind + cut);
          assertEquals(List.of("first", "second"), read(), kind + cut);
          assertEquals(cut > before, found.isDamaged);
          // What comes next is whole, and so is the one after it.
          try (Log again = opened(new ArrayList<>())) {
            append(again, "x");
            append(again, "y");
          }
          assertEquals(List.of("first", "second", "x", "y"), read());
        }
      }
    }
  }

  @Test
  void aDamagedRecordTakesNoOtherWithIt() throws IOException {
    long end;
    try (Log log = begun("first", "second", "third")) {
      end = log.bytes();
    }
    byte[] whole = Files.readAllBytes(path);
    for (int at = 0; at < end; at++) {
      byte[] changed = whole.clone();
      changed[at] ^= 0x10;
      Files.write(path, changed);
      List<String> left = read();
      assertTrue(found.isDamaged, "at " + at);
      assertTrue(left.size() >= (at < 8 ? 3 : 2), left + " at " + at);
      assertTrue(List.of("first", "second", "third").containsAll(left));
    }
  }

  @Test
  void aRecordThatMeansNothingIsPassedOver() throws IOException {
    begun("a", "?", "b").close();
    assertEquals(List.of("a", "b"), read());
    assertTrue(found.isDamaged);
  }

  @Test
  void whatWasRewrittenIsGoneFromTheFileAndFromWhatItWas() throws IOException {
    try (Log log = begun("where she was")) {
      Files.createLink(folder.resolve("former"), path);
      log.rewrite(List.of(Bytes.utf8("now")));
      append(log, "then");
    }
    assertEquals(List.of("now", "then"), read());
    for (String name : List.of("log", "former")) {
      String left = new String(Files.readAllBytes(folder.resolve(name)), java.nio.charset.StandardCharsets.ISO_8859_1);
      assertFalse(left.contains("where she was"), name);
    }
  }

  @Test
  void aRewriteThatWasCutShortLeavesAllAsItWas() throws IOException {
    begun("a", "b").close();
    Files.write(folder.resolve("log.new"), Bytes.utf8("log 1\n\n\nhalf"));
    assertEquals(List.of("a", "b"), read());
    assertFalse(Files.exists(folder.resolve("log.new")));
  }

  @Test
  void nobodyElseOpensItMeanwhile() throws IOException {
    try (Log log = begun("a")) {
      IOException error = assertThrows(IOException.class, this::read);
      assertTrue(error.getMessage().contains("open elsewhere"));
      append(log, "b");
    }
    assertEquals(List.of("a", "b"), read());
  }
}
