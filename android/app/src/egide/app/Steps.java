package egide.app;

import android.bluetooth.BluetoothGatt;
import android.bluetooth.BluetoothGattCharacteristic;
import android.bluetooth.BluetoothGattService;
import android.os.Handler;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** What is asked of a link. Android does one step at a time and forgets a second one, so each waits for its turn. */
final class Steps {
  private static final long STEP_MS = 10_000;

  private final Handler handler;
  private final Awake awake;
  private final Supplier<BluetoothGatt> link;
  private final Runnable late;
  private final Deque<Step> steps = new ArrayDeque<>();

  /** One thing that Android is asked; `answer` gets whether it went well, and what was read. */
  private record Step(Predicate<BluetoothGatt> ask, Answer answer) {}

  interface Answer {
    void take(boolean isDone, byte[] value);
  }

  /** `link`: the one that is open, null without one; `late`: no answer came. */
  Steps(Handler handler, Awake awake, Supplier<BluetoothGatt> link, Runnable late) {
    this.handler = handler;
    this.awake = awake;
    this.link = link;
    this.late = late;
  }

  /** Forgets all that waits: the link ended. */
  void clear() {
    handler.removeCallbacks(late);
    steps.clear();
  }

  /** What was expected came. */
  void arrived() {
    handler.removeCallbacks(late);
  }

  BluetoothGattCharacteristic find(UUID service, UUID characteristic) {
    BluetoothGatt open = link.get();
    BluetoothGattService found = open == null ? null : open.getService(service);
    return found == null ? null : found.getCharacteristic(characteristic);
  }

  void read(UUID service, UUID characteristic, Answer answer) {
    BluetoothGattCharacteristic found = find(service, characteristic);
    if (found == null) answer.take(false, null);
    else step(open -> open.readCharacteristic(found), answer);
  }

  void write(UUID service, UUID characteristic, byte[] value, Answer answer) {
    BluetoothGattCharacteristic found = find(service, characteristic);
    if (found == null) {
      answer.take(false, null);
      return;
    }
    step(
        open -> {
          found.setWriteType(BluetoothGattCharacteristic.WRITE_TYPE_DEFAULT);
          return found.setValue(value) && open.writeCharacteristic(found);
        },
        answer);
  }

  void step(Predicate<BluetoothGatt> ask, Answer answer) {
    steps.add(new Step(ask, answer));
    if (steps.size() == 1) ask();
  }

  private void ask() {
    Step step = steps.peek();
    if (step == null) return;
    expect();
    if (!step.ask.test(link.get())) done(false, null);
  }

  /** Something must be said within ten seconds; nobody sleeps meanwhile. */
  void expect() {
    awake.briefly();
    handler.removeCallbacks(late);
    handler.postDelayed(late, STEP_MS);
  }

  /** What was asked is answered. */
  void done(boolean isDone, byte[] value) {
    Step step = steps.peek();
    if (step == null) return;
    arrived();
    step.answer.take(isDone, value);
    // An answer may have ended the link, and with it all that waited.
    if (steps.peek() != step) return;
    steps.remove();
    ask();
  }
}
