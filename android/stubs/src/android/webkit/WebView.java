package android.webkit;

import android.content.Context;
import android.net.Uri;
import android.view.ViewGroup;
import egide.fake.Beyond;

public class WebView extends ViewGroup {
  @Beyond public WebViewClient client;
  @Beyond public String url;
  /** The page's end of the last port that it was given, and for which address. */
  @Beyond public WebMessagePort given;
  @Beyond public String target;
  private final WebSettings settings = new WebSettings() {};

  public WebView(Context context) {}

  public WebSettings getSettings() {
    return settings;
  }

  public void setWebViewClient(WebViewClient client) {
    this.client = client;
  }

  public void loadUrl(String url) {
    this.url = url;
    client.onPageFinished(this, url);
  }

  public WebMessagePort[] createWebMessageChannel() {
    WebMessagePort[] ends = {new WebMessagePort() {}, new WebMessagePort() {}};
    ends[0].other = ends[1];
    ends[1].other = ends[0];
    return ends;
  }

  public void postWebMessage(WebMessage message, Uri target) {
    given = message.getPorts()[0];
    this.target = target.toString();
  }

  public void destroy() {}
}
