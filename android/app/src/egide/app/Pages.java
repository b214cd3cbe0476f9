package egide.app;

import android.webkit.WebResourceRequest;
import android.webkit.WebResourceResponse;
import android.webkit.WebView;
import android.webkit.WebViewClient;
import egide.core.engine.PageRules;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * The pages of the app, from its own assets under an address that nobody can serve (RFC 6761: `.invalid` is never
 * resolved). Whatever else a page asks for is answered here too, with nothing: no request of a page ever leaves the phone.
 */
final class Pages extends WebViewClient {
  private final Page page;

  Pages(Page page) {
    this.page = page;
  }

  @Override
  public WebResourceResponse shouldInterceptRequest(WebView view, WebResourceRequest request) {
    String path = PageRules.path(request.getMethod(), request.getUrl().toString());
    try {
      return path.isEmpty() ? nothing() : answer(200, "OK", PageRules.type(path), page.getAssets().open("pages" + path));
    } catch (IOException unknown) {
      return nothing();
    }
  }

  private static WebResourceResponse nothing() {
    return answer(404, "Not Found", "text/plain", new ByteArrayInputStream(new byte[0]));
  }

  private static WebResourceResponse answer(int status, String reason, String type, InputStream content) {
    return new WebResourceResponse(type, "utf-8", status, reason, PageRules.HEADERS, content);
  }

  /** No page leads anywhere, to another page or app, but to her message app with a press as a text: there she sends it or not. */
  @Override
  public boolean shouldOverrideUrlLoading(WebView view, WebResourceRequest request) {
    if (PageRules.leadsOut(request.getUrl().toString())) page.write(request.getUrl());
    return true;
  }

  @Override
  public void onPageFinished(WebView view, String url) {
    if (PageRules.FIRST.equals(url)) page.connect();
  }
}
