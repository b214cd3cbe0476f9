package android.webkit;

import egide.fake.Beyond;
import java.io.InputStream;
import java.util.Map;

public class WebResourceResponse {
  @Beyond public final int status;
  @Beyond public final String type;
  @Beyond public final Map<String, String> headers;
  @Beyond public final InputStream content;

  public WebResourceResponse(String type, String encoding, int status, String reason, Map<String, String> headers, InputStream content) {
    this.type = type;
    this.status = status;
    this.headers = headers;
    this.content = content;
  }
}
