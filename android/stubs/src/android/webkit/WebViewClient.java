package android.webkit;

public class WebViewClient {
  public WebViewClient() {}

  public WebResourceResponse shouldInterceptRequest(WebView view, WebResourceRequest request) {
    return null;
  }

  public boolean shouldOverrideUrlLoading(WebView view, WebResourceRequest request) {
    return false;
  }

  public void onPageFinished(WebView view, String url) {}
}
