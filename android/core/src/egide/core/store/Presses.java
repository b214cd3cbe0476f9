package egide.core.store;

import egide.core.protocol.Receipt;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Every press that was kept, in the order of their counters. */
final class Presses {
  private final TreeMap<Long, Press> byCounter = new TreeMap<>();
  private final TreeSet<Long> open = new TreeSet<>();
  private final Set<Long> ofButton = new HashSet<>();
  /** Counters of the presses of each alarm by their state: thousands may be of one alarm. */
  private final Map<String, Map<String, Set<Long>>> standing = new HashMap<>();

  Collection<Press> all() {
    return byCounter.values();
  }

  void put(Press press) {
    Press was = byCounter.put(press.counter(), press);
    if (was != null) {
      Set<Long> alike = standing.get(was.alarm()).get(was.state());
      alike.remove(was.counter());
      if (alike.isEmpty()) {
        standing.get(was.alarm()).remove(was.state());
      }
    }
    standing.computeIfAbsent(press.alarm(), alarm -> new HashMap<>())
        .computeIfAbsent(press.state(), state -> new HashSet<>())
        .add(press.counter());
    if (press.isOpen()) {
      open.add(press.counter());
    } else {
      open.remove(press.counter());
    }
    if (press.buttonCounter() != 0) {
      ofButton.add(press.buttonCounter());
    }
  }

  boolean hasButton(long buttonCounter) {
    return ofButton.contains(buttonCounter);
  }

  boolean knows(String alarm) {
    return !of(alarm).isEmpty();
  }

  /** The presses of this alarm by their state. */
  private Map<String, Set<Long>> of(String alarm) {
    return standing.getOrDefault(alarm, Collections.emptyMap());
  }

  /** The server has the press `counter`, which belongs to `alarm`. */
  void receive(long counter, String alarm) {
    Press press = byCounter.get(counter);
    if (press != null) {
      put(press.received(alarm));
    }
  }

  /** `alarm` is in this state now. */
  void setState(String alarm, String state, long closedAtUs) {
    for (String former : new ArrayList<>(of(alarm).keySet())) {
      if (!former.equals(state)) {
        for (long counter : new ArrayList<>(of(alarm).get(former))) {
          put(byCounter.get(counter).in(state, closedAtUs));
        }
      }
    }
  }

  /** Whether a press of the receipt's alarm stands otherwise than the receipt says, once it has received `sent`. */
  boolean isNews(Outgoing sent, Receipt receipt) {
    if (receipt.alarm().isEmpty()) {
      return false;
    }
    Set<String> states = new HashSet<>(of(receipt.alarm()).keySet());
    Press own = sent.isPress() ? byCounter.get(sent.counter()) : null;
    if (own != null) {
      states.add(own.state());
    }
    states.remove(receipt.state());
    return !states.isEmpty();
  }

  /** The newest press whose alarm is not closed, one with a receipt before others; null at rest. */
  Press open() {
    for (long counter : open.descendingSet()) {
      if (byCounter.get(counter).isReceived()) {
        return byCounter.get(counter);
      }
    }
    return open.isEmpty() ? null : byCounter.get(open.last());
  }

  /** Whose position is sent: the open press, else the last one whose alarm closed less than `tailS` ago; or null. */
  Press followed(long nowUs, long tailS) {
    Press current = open();
    if (current != null) {
      return current;
    }
    for (Press press : byCounter.descendingMap().values()) {
      long at = press.closedAtUs();
      if (at != 0 && at > nowUs - tailS * 1_000_000 && at <= nowUs) {
        return press;
      }
    }
    return null;
  }
}
