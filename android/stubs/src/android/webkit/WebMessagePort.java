package android.webkit;

import egide.fake.Beyond;
import java.util.ArrayList;
import java.util.List;

public abstract class WebMessagePort {
  /** The end on the other side. */
  @Beyond public WebMessagePort other;
  @Beyond public final List<String> arrived = new ArrayList<>();
  @Beyond public boolean isClosed;
  private WebMessageCallback callback;

  @Beyond
  public WebMessagePort() {}

  public abstract static class WebMessageCallback {
    public WebMessageCallback() {}

    public void onMessage(WebMessagePort port, WebMessage message) {}
  }

  public void postMessage(WebMessage message) {
    if (isClosed || other.isClosed) return;
    other.arrived.add(message.getData());
    if (other.callback != null) other.callback.onMessage(other, message);
  }

  public void setWebMessageCallback(WebMessageCallback callback) {
    this.callback = callback;
  }

  public void close() {
    isClosed = true;
  }
}
