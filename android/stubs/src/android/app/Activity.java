package android.app;

import android.content.ActivityNotFoundException;
import android.content.Intent;
import android.content.IntentSender;
import android.content.pm.PackageManager;
import android.os.Bundle;
import android.view.ContextThemeWrapper;
import android.view.View;
import android.view.Window;
import egide.fake.Beyond;
import egide.fake.Handset;
import java.util.ArrayList;
import java.util.List;

public class Activity extends ContextThemeWrapper {
  public static final int RESULT_OK = -1;
  private final Window window = new Window();
  /** What it asked the platform for, oldest first. */
  @Beyond public final List<String[]> asked = new ArrayList<>();
  @Beyond public final List<Intent> started = new ArrayList<>();
  @Beyond public View content;
  /** Whether the phone has an app for messages. */
  @Beyond public boolean hasMessages = true;

  public Activity() {}

  protected void onCreate(Bundle state) {}

  protected void onResume() {}

  protected void onPause() {}

  protected void onDestroy() {}

  protected void onActivityResult(int request, int result, Intent data) {}

  public void onRequestPermissionsResult(int request, String[] permissions, int[] results) {}

  public Window getWindow() {
    return window;
  }

  public void setContentView(View view) {
    content = view;
  }

  public final void runOnUiThread(Runnable action) {
    action.run();
  }

  public final void requestPermissions(String[] permissions, int request) {
    asked.add(permissions);
  }

  public void startActivity(Intent intent) {
    if (intent.data() != null && intent.data().toString().startsWith("sms:") && !hasMessages) throw new ActivityNotFoundException();
    started.add(intent);
  }

  public void startIntentSenderForResult(IntentSender sender, int request, Intent fill, int mask, int values, int extra)
      throws IntentSender.SendIntentException {
    sender.choose.accept(data -> onActivityResult(request, data == null ? 0 : RESULT_OK, data));
  }

  @Beyond
  public void create() {
    onCreate(null);
    onResume();
  }

  @Beyond
  public void leave() {
    onPause();
    Handset.now().isPageSeen = false;
  }

  @Beyond
  public void comeBack() {
    Handset.now().isPageSeen = true;
    onResume();
  }

  /** The platform is done with it. */
  @Beyond
  public void end() {
    onDestroy();
  }

  /** A person answers the platform's own question. */
  @Beyond
  public void answer(boolean isAllowed) {
    String[] permissions = asked.get(asked.size() - 1);
    int[] results = new int[permissions.length];
    for (int i = 0; i < results.length; i++) {
      if (isAllowed) Handset.now().granted.add(permissions[i]);
      results[i] = isAllowed ? PackageManager.PERMISSION_GRANTED : PackageManager.PERMISSION_DENIED;
    }
    onRequestPermissionsResult(1, permissions, results);
  }
}
