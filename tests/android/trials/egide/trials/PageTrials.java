package egide.trials;

import android.app.Activity;
import android.webkit.WebView;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Her page, and what it may reach. */
final class PageTrials extends Trial {
  void trialThePagesCanReachNothingButTheirPort() {
    WebView view = page();
    Map<String, Object> allowed = new HashMap<>(view.getSettings().set);
    check(Boolean.TRUE.equals(allowed.remove("script")) && Boolean.TRUE.equals(allowed.remove("storage")), "what the small apps need");
    check(allowed.size() >= 7 && allowed.values().stream().noneMatch(Boolean.TRUE::equals), "nothing else: " + allowed);
    same("https://pages.invalid", view.target);
    view.given.postMessage(new android.webkit.WebMessage("{\"what\":1}"));
    handset.settle();
    check(told().contains("ask {\"what\":1}"), "told: " + told());
    Recorder.last().platform.screen().tell("{}");
    same("{}", view.given.arrived.get(view.given.arrived.size() - 1));
  }

  void trialNoPageLeadsAnywhereButToHerMessageAppWithAPress() {
    handset.isUnlocked = true;
    Activity page = handset.open();
    WebView view = (WebView) page.content;
    String text = "sms:+3200000000?body=EG11%2F2AAAA";
    for (String url : List.of("https://example.org/", "https://pages.invalid/native.html", "tel:112", "sms:+3200000000?body=hello"))
      check(view.client.shouldOverrideUrlLoading(view, request("GET", url)), "the page stays: " + url);
    same(0, page.started.size());
    check(view.client.shouldOverrideUrlLoading(view, request("GET", text)), "the page stays");
    same("android.intent.action.SENDTO", page.started.get(0).getAction());
    same(text, page.started.get(0).data().toString());
    page.hasMessages = false;
    check(view.client.shouldOverrideUrlLoading(view, request("GET", text)), "a phone without an app for messages");
    same(1, page.started.size());
  }

  private android.webkit.WebResourceResponse asked(WebView view, String method, String url) {
    return view.client.shouldInterceptRequest(view, request(method, url));
  }

  private static android.webkit.WebResourceRequest request(String method, String url) {
    return new android.webkit.WebResourceRequest() {
      @Override
      public android.net.Uri getUrl() {
        return android.net.Uri.parse(url);
      }

      @Override
      public String getMethod() {
        return method;
      }
    };
  }

  void trialEveryRequestOfAPageIsAnsweredHere() {
    WebView view = page();
    var first = asked(view, "GET", "https://pages.invalid/native.html");
    same(200, first.status);
    same("text/html", first.type);
    String policy = first.headers.get("Content-Security-Policy");
    check(policy.contains("default-src 'none'") && policy.contains("connect-src 'none'") && !policy.contains("unsafe"), policy);
    for (String url : List.of("https://example.org/", "https://pages.invalid.example.org/native.html", "http://pages.invalid/native.html",
        "https://pages.invalid/none.js", "https://pages.invalid/../secret", "https://pages.invalid/", "file:///data/data"))
      same(404, asked(view, "GET", url).status);
    same(404, asked(view, "POST", "https://pages.invalid/native.html").status);
  }

  void trialPicturesOfTheWindowAreForbiddenUnlessADecoyIsShown() {
    handset.isUnlocked = true;
    Activity page = handset.open();
    WebView view = (WebView) page.content;
    same(8192, page.getWindow().flags);
    view.given.postMessage(new android.webkit.WebMessage("platform secure off"));
    same(0, page.getWindow().flags);
    view.given.postMessage(new android.webkit.WebMessage("platform secure nonsense"));
    same(8192, page.getWindow().flags);
    view.given.postMessage(new android.webkit.WebMessage("platform secure off"));
    page.leave();
    same(8192, page.getWindow().flags);
    page.comeBack();
    same(0, page.getWindow().flags);
    view.given.postMessage(new android.webkit.WebMessage("platform secure on"));
    page.leave();
    page.comeBack();
    same(8192, page.getWindow().flags);
  }

  void trialTheLauncherShowsTheDecoyThatSheChose() {
    WebView view = page();
    view.given.postMessage(new android.webkit.WebMessage("platform show timer"));
    same(Map.of("egide.app.Timer", 1, "egide.app.Notes", 2, "egide.app.Converter", 2, "egide.app.Calendar", 2), handset.components);
    handset.components.clear();
    for (String word : List.of("platform show alarm", "platform show", "platform show notes extra", "platform "))
      view.given.postMessage(new android.webkit.WebMessage(word));
    same(Map.of(), handset.components);
  }

  /** Android leads to its own settings for the exemption and for the position unseen, and says nothing of what was chosen there. */
  void trialWhatWasAllowedInTheSettingsIsToldWhenSheIsBack() {
    handset.isExempt = false;
    handset.isUnlocked = true;
    Activity page = handset.open();
    WebView view = (WebView) page.content;
    view.given.postMessage(new android.webkit.WebMessage("platform allow battery"));
    page.leave();
    handset.isExempt = true;
    int before = view.given.arrived.size();
    page.comeBack();
    handset.settle();
    check(String.valueOf(view.given.arrived.subList(before, view.given.arrived.size())).contains("\"battery\":true"), "the page is told: " + view.given.arrived);
    check(told().contains("changed"), "so is the core");
  }

  void trialAPermissionIsAskedForOnlyWhenThePageSaysSo() {
    handset.granted.clear();
    handset.isUnlocked = true;
    Activity page = handset.open();
    WebView view = (WebView) page.content;
    same(0, page.asked.size());
    view.given.postMessage(new android.webkit.WebMessage("platform allow button"));
    same(List.of("android.permission.BLUETOOTH_CONNECT", "android.permission.BLUETOOTH_SCAN"), Arrays.asList(page.asked.get(0)));
    page.answer(true);
    handset.settle();
    check(view.given.arrived.get(view.given.arrived.size() - 1).contains("\"button\":true,\"position\":false"), "the page is told: " + view.given.arrived);
    check(told().contains("changed"), "so is the core");
    view.given.postMessage(new android.webkit.WebMessage("platform allow battery"));
    same("android.settings.REQUEST_IGNORE_BATTERY_OPTIMIZATIONS", page.started.get(0).getAction());
    view.given.postMessage(new android.webkit.WebMessage("platform allow everything"));
    same(1, page.asked.size());
  }
}
