package egide.core.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import egide.core.phone.PlayedTexts;
import egide.core.protocol.Bytes;
import egide.core.protocol.Kind;
import egide.core.protocol.Sms;
import egide.core.protocol.TextRoad;
import egide.core.store.Outgoing;
import egide.core.time.PlayedLoop;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** When a press goes by text, how often, and when it no longer does. */
final class TextPressesTest {
  private static final long SECOND_US = 1_000_000;
  private final PlayedLoop loop = new PlayedLoop(1_800_000_000_000_000L);
  private final List<Map<String, Object>> sent = new ArrayList<>();
  private final List<Object> told = new ArrayList<>();
  private final PlayedTexts network = new PlayedTexts(sent::add);
  private final TextPresses texts = on(new TextRoad("+32000", 16_161));

  private TextPresses on(TextRoad road) {
    return new TextPresses(loop, road, network, (step, facts) -> told.add(facts.get("is_taken")));
  }

  private static Outgoing press(long counter) {
    return new Outgoing(counter, Kind.PRESS, new byte[] {1, (byte) counter}, 0, 0);
  }

  private int sentAfter(long seconds) {
    loop.runUntil(loop.steadyUs() + seconds * SECOND_US);
    return sent.size();
  }

  @Test
  void aReceiptInTimeNeedsNoText() {
    texts.follow(press(1));
    assertEquals(0, sentAfter(3));
    texts.end(1);
    assertEquals(0, sentAfter(3600));
  }

  @Test
  void whereNoServerAnswersItGoesAtOnceAndOnlyOnce() {
    texts.follow(press(1));
    texts.hurry(1);
    texts.hurry(1);
    assertEquals(1, sentAfter(0));
    assertEquals(Map.of("number", "+32000", "port", 16_161L, "data", "0101"), sent.get(0));
    assertEquals(1, sentAfter(10));
  }

  @Test
  void whatTheNetworkTookIsSaidThreeTimesInAllAndNoMore() {
    texts.follow(press(1));
    assertEquals(1, sentAfter(4));
    assertEquals(1, sentAfter(119));
    assertEquals(2, sentAfter(1));
    assertEquals(3, sentAfter(120));
    assertEquals(3, sentAfter(86_400));
    assertEquals(Collections.nCopies(3, true), told);
  }

  @Test
  void whatTheNetworkRefusesOrSaysNothingOfIsTriedAgainUntilTheReceiptIsHere() {
    network.accepts = false;
    texts.follow(press(1));
    assertEquals(1, sentAfter(4));
    assertEquals(2, sentAfter(10));
    assertEquals(3, sentAfter(20));
    network.accepts = null;
    assertEquals(4, sentAfter(40));
    assertEquals(5, sentAfter(60));
    texts.end(1);
    assertEquals(5, sentAfter(86_400));
    assertEquals(Collections.nCopies(3, false), told);
  }

  @Test
  void aPermissionThatComesBackIsUsedWithinAMinute() {
    network.maySend = false;
    texts.follow(press(1));
    assertEquals(0, sentAfter(600));
    network.maySend = true;
    assertEquals(1, sentAfter(60));
  }

  @Test
  void manyPressesNeverSendSoManyThatThePlatformAsksHer() {
    for (int counter = 1; counter <= 60; counter++) {
      texts.follow(press(counter));
    }
    assertEquals(TextPresses.AT_MOST, sentAfter(1000));
    assertTrue(sentAfter(800) <= TextPresses.AT_MOST);
    assertTrue(sentAfter(1800) <= 2 * TextPresses.AT_MOST);
    // The first pressed is the first sent.
    assertEquals(Bytes.toHex(press(1).data()), sent.get(0).get("data"));
  }

  @Test
  void withoutARoadNothingIsSent() {
    TextPresses none = on(null);
    none.follow(press(1));
    none.hurry(1);
    assertEquals(List.of(), none.offered());
    assertEquals(0, sentAfter(86_400));
  }

  /** The links of a press as they are offered to her. */
  private static List<String> links(Outgoing press) {
    List<String> links = new ArrayList<>();
    for (String text : Sms.texts(press.data())) {
      links.add(Sms.link("+32000", text));
    }
    return links;
  }

  @Test
  void whatIsTooLongForOneMessageIsOfferedAsTwoAndSentByNobodyElse() {
    Outgoing longer = new Outgoing(1, Kind.PRESS, new byte[134], 0, 0);
    texts.follow(longer);
    assertEquals(List.of(), texts.offered());
    texts.hurry(1);
    assertEquals(links(longer), texts.offered());
    assertEquals(0, sentAfter(86_400));
    texts.end(1);
    assertEquals(List.of(), texts.offered());
  }

  @Test
  void theTwoTextsAreOfferedOnlyWhereTheNetworkDoesNotTakeTheHiddenOne() {
    texts.follow(press(1));
    assertEquals(1, sentAfter(4));
    assertEquals(List.of(), texts.offered());
    // The newest press alone.
    network.accepts = false;
    texts.follow(press(2));
    assertEquals(2, sentAfter(4));
    assertEquals(links(press(2)), texts.offered());
    network.accepts = true;
    assertEquals(3, sentAfter(10));
    assertEquals(List.of(), texts.offered());
    texts.end(2);
    assertEquals(List.of(), texts.offered());
  }

  @Test
  void aNetworkThatSaysNothingForAMinuteOrAPermissionThatIsMissingIsNoRoadEither() {
    network.accepts = null;
    texts.follow(press(1));
    assertEquals(1, sentAfter(5));
    assertEquals(List.of(), texts.offered());
    sentAfter(60);
    assertEquals(links(press(1)), texts.offered());
    network.maySend = false;
    texts.follow(press(2));
    assertEquals(List.of(), texts.offered());
    texts.hurry(2);
    assertEquals(links(press(2)), texts.offered());
    texts.stop();
    assertEquals(List.of(), texts.offered());
  }

  @Test
  void onceStoppedNothingIsSentNorHeard() {
    network.accepts = null;
    texts.follow(press(1));
    texts.follow(press(2));
    assertEquals(2, sentAfter(4));
    texts.stop();
    assertEquals(2, sentAfter(86_400));
    assertEquals(List.of(), told);
  }
}
