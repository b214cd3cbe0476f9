package egide.core.time;

import java.util.PriorityQueue;
import java.util.function.LongSupplier;

/** What happens later, by a time that does not jump, in whatever unit; at one moment what was asked first comes first. */
public final class Timers {
  private final PriorityQueue<Entry> entries = new PriorityQueue<>(Entry::compare);
  private long asked;

  private final class Entry implements Loop.Timer {
    private final long at;
    private final long number;
    private final Runnable then;

    Entry(long at, long number, Runnable then) {
      this.at = at;
      this.number = number;
      this.then = then;
    }

    static int compare(Entry one, Entry other) {
      return one.at == other.at ? Long.compare(one.number, other.number) : Long.compare(one.at, other.at);
    }

    @Override
    public void cancel() {
      entries.remove(this);
    }
  }

  public Loop.Timer add(long at, Runnable then) {
    Entry entry = new Entry(at, asked++, then);
    entries.add(entry);
    return entry;
  }

  /** What is due at `now`, taken out; null when nothing is. */
  public Runnable takeDue(long now) {
    Entry first = entries.peek();
    return first == null || first.at > now ? null : entries.remove().then;
  }

  /** Does what is due, one after the other: what is done may add more, or cancel another. `now` is asked each time. */
  public void doDue(LongSupplier now) {
    for (Runnable due = takeDue(now.getAsLong()); due != null; due = takeDue(now.getAsLong())) {
      due.run();
    }
  }

  /** When the next is due; -1 for never. */
  public long next() {
    return entries.isEmpty() ? -1 : entries.peek().at;
  }
}
