package egide.app;

import android.content.res.AssetManager;
import android.net.Uri;
import android.webkit.WebResourceRequest;
import android.webkit.WebResourceResponse;
import android.webkit.WebView;
import android.webkit.WebViewClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/**
 * The pages of the app, from its own assets under an address that nobody can serve (RFC 6761: `.invalid` is never
 * resolved). Whatever else a page asks for is answered here too, with nothing: no request of a page ever leaves the phone.
 */
final class Pages extends WebViewClient {
  static final String ORIGIN = "https://pages.invalid";
  static final String FIRST = ORIGIN + "/native.html";
  static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; worker-src 'self'; connect-src 'none';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  private static final Map<String, String> TYPES =
      Map.of("html", "text/html", "js", "text/javascript", "css", "text/css", "svg", "image/svg+xml", "png", "image/png");
  private static final Map<String, String> HEADERS =
      Map.of("Content-Security-Policy", POLICY, "Referrer-Policy", "no-referrer", "X-Content-Type-Options", "nosniff");

  private final AssetManager assets;
  private final Runnable ready;

  /** `ready` is called when the first page stands. */
  Pages(AssetManager assets, Runnable ready) {
    this.assets = assets;
    this.ready = ready;
  }

  @Override
  public WebResourceResponse shouldInterceptRequest(WebView view, WebResourceRequest request) {
    Uri uri = request.getUrl();
    String path = uri.getPath();
    boolean isOurs = "GET".equals(request.getMethod()) && uri.toString().startsWith(ORIGIN + "/") && path != null;
    try {
      return isOurs ? answer(200, "OK", type(path), assets.open("pages" + path)) : nothing();
    } catch (IOException unknown) {
      return nothing();
    }
  }

  private static String type(String path) {
    return TYPES.getOrDefault(path.substring(path.lastIndexOf('.') + 1), "application/octet-stream");
  }

  private static WebResourceResponse nothing() {
    return answer(404, "Not Found", "text/plain", new ByteArrayInputStream(new byte[0]));
  }

  private static WebResourceResponse answer(int status, String reason, String type, InputStream content) {
    return new WebResourceResponse(type, "utf-8", status, reason, HEADERS, content);
  }

  /** No page leads anywhere: not to another page, not to another app. */
  @Override
  public boolean shouldOverrideUrlLoading(WebView view, WebResourceRequest request) {
    return true;
  }

  @Override
  public void onPageFinished(WebView view, String url) {
    if (FIRST.equals(url)) ready.run();
  }
}
