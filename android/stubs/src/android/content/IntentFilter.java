package android.content;

import egide.fake.Beyond;
import java.util.HashSet;
import java.util.Set;

public class IntentFilter {
  private final Set<String> actions = new HashSet<>();

  public IntentFilter() {}

  public IntentFilter(String action) {
    addAction(action);
  }

  public final void addAction(String action) {
    actions.add(action);
  }

  @Beyond
  public boolean has(String action) {
    return actions.contains(action);
  }
}
