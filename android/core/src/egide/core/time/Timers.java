package egide.core.time;

import java.util.PriorityQueue;

/** What happens later, by a time that does not jump, in microseconds; at one moment what was asked first comes first. */
public final class Timers {
  private final PriorityQueue<Entry> entries = new PriorityQueue<>(Entry::compare);
  private long asked;

  private final class Entry implements Loop.Timer {
    private final long atUs;
    private final long number;
    private final Runnable then;

    Entry(long atUs, long number, Runnable then) {
      this.atUs = atUs;
      this.number = number;
      this.then = then;
    }

    static int compare(Entry one, Entry other) {
      return one.atUs == other.atUs ? Long.compare(one.number, other.number) : Long.compare(one.atUs, other.atUs);
    }

    @Override
    public void cancel() {
      entries.remove(this);
    }
  }

  public Loop.Timer add(long atUs, Runnable then) {
    Entry entry = new Entry(atUs, asked++, then);
    entries.add(entry);
    return entry;
  }

  /** What is due at `nowUs`, taken out; null when nothing is. */
  public Runnable takeDue(long nowUs) {
    Entry first = entries.peek();
    return first == null || first.atUs > nowUs ? null : entries.remove().then;
  }

  /** Nothing is due any more. */
  public void clear() {
    entries.clear();
  }

  /** When the next is due; -1 for never. */
  public long nextUs() {
    return entries.isEmpty() ? -1 : entries.peek().atUs;
  }
}
