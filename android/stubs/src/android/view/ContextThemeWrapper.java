package android.view;

import android.content.ContextWrapper;
import egide.fake.Handset;

public class ContextThemeWrapper extends ContextWrapper {
  public ContextThemeWrapper() {
    super(Handset.now().application());
  }
}
