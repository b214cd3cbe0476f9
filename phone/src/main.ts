/** Where the web app starts: the decoy, always. A phone that lost its storage says nothing of what it was. */
import "./ui/app.css";
import "./ui/decoys.css";
import { browserLanguage, isLanguage } from "./locales";
import type { Roads } from "./transport/roads";
import { App } from "./ui/app";
import { freshChoices, isDecoy } from "./ui/choices";
import { lead } from "./ui/ways";

/** `?open=…&lang=…` stands in an icon's own address, so that it opens what it shows also on a phone that lost everything. */
function openedAt(address: Location) {
  const told = new URLSearchParams(address.search);
  history.replaceState(null, "", address.pathname);
  return { decoy: told.get("open") ?? "", language: told.get("lang") ?? "" };
}

function roadsOf(page: Document): Roads {
  const told = (name: string) => page.querySelector<HTMLMetaElement>(`meta[name=${name}]`)?.content ?? "";
  const sms = /^\+?\d+$/.test(told("sms")) ? told("sms") : "";
  const push = /^[\w-]{87}$/.test(told("push")) ? told("push") : "";
  const silentMinutes = Number(told("minutes")) || 60;
  return { servers: told("servers").split(" ").filter(Boolean), sms, smsAnswers: told("sms-answers") === "yes", isDemo: told("stage") === "demo", push, silentMinutes };
}

async function start(): Promise<void> {
  const { decoy, language } = openedAt(location);
  const fresh = freshChoices(isLanguage(language) ? language : browserLanguage(), isDecoy(decoy) ? decoy : "notes");
  const app = await App.open(roadsOf(document), fresh);
  app.standing.isFromIcon = isDecoy(decoy);
  void app.reach.keep().catch(reportError);
  lead(app);
}

// Without it the app works as long as there is a network; the one that is kept already goes on in any case.
if ("serviceWorker" in navigator) void navigator.serviceWorker.register("sw.js").catch(() => undefined);
void start();
