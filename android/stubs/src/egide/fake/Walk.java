package egide.fake;

import android.hardware.TriggerEvent;
import android.hardware.TriggerEventListener;
import java.util.ArrayList;
import java.util.List;

/** Whether somebody carries the telephone. */
public final class Walk {
  public boolean hasSensor = true;
  private final Handset handset;
  private final List<TriggerEventListener> asked = new ArrayList<>();

  Walk(Handset handset) {
    this.handset = handset;
  }

  public boolean ask(TriggerEventListener listener) {
    return asked.add(listener);
  }

  void drop() {
    asked.clear();
  }

  /** Somebody walks off with it: each that asked is told once. */
  public void begin() {
    handset.doze.move();
    List<TriggerEventListener> told = List.copyOf(asked);
    asked.clear();
    if (told.isEmpty()) return;
    handset.wakings++;
    handset.stir();
    for (TriggerEventListener each : told) handset.post(() -> each.onTrigger(new TriggerEvent()), 0, each);
    handset.settle();
  }
}
