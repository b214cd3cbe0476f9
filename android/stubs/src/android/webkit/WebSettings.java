package android.webkit;

import egide.fake.Beyond;
import java.util.HashMap;
import java.util.Map;

public abstract class WebSettings {
  public static final int MIXED_CONTENT_NEVER_ALLOW = 1;
  @Beyond public final Map<String, Object> set = new HashMap<>();

  public void setJavaScriptEnabled(boolean isOn) {
    set.put("script", isOn);
  }

  public void setDomStorageEnabled(boolean isOn) {
    set.put("storage", isOn);
  }

  public void setBlockNetworkLoads(boolean isBlocked) {
    set.put("network", !isBlocked);
  }

  public void setAllowFileAccess(boolean isAllowed) {
    set.put("files", isAllowed);
  }

  public void setAllowContentAccess(boolean isAllowed) {
    set.put("content", isAllowed);
  }

  public void setGeolocationEnabled(boolean isOn) {
    set.put("geolocation", isOn);
  }

  public void setSafeBrowsingEnabled(boolean isOn) {
    set.put("safe browsing", isOn);
  }

  public void setMixedContentMode(int mode) {
    set.put("mixed", mode != MIXED_CONTENT_NEVER_ALLOW);
  }

  public void setSaveFormData(boolean isKept) {
    set.put("forms", isKept);
  }
}
