/** Where the app starts: the decoy, or setting up when an officer's code came with the address. */
import "./ui/app.css";
import { text } from "./locales";
import { App } from "./ui/app";
import { showDecoy } from "./ui/decoy";
import { showEnrolment } from "./ui/enrolling";
import { type Ways, refreshHome, showHome, showSettings } from "./ui/screens";
import { showPad } from "./ui/unlocking";

const REFRESH_MS = 1000;

/** `#c=CODE` behind the address: it is never sent to a server, and leaves the address bar at once. */
function codeFromAddress(): string {
  const code = new URLSearchParams(location.hash.slice(1)).get("c") ?? "";
  history.replaceState(null, "", location.pathname);
  return code;
}

function serversOf(page: Document): string[] {
  const listed = page.querySelector<HTMLMetaElement>("meta[name=servers]")?.content ?? "";
  return listed.split(" ").filter(Boolean);
}

async function start(): Promise<void> {
  const code = codeFromAddress();
  const app = await App.open(serversOf(document));
  let isHome = false;
  const away = (then: () => void) => () => {
    isHome = false;
    then();
  };
  const ways: Ways = {
    decoy: away(() => showDecoy(app, ways.home)),
    home: () => {
      isHome = true;
      showHome(app, ways);
    },
    settings: away(() => showSettings(app, ways)),
    askPin: (then, back) => {
      isHome = false;
      showPad(text(`decoy.${app.chosen.now.decoy}`), async (pin) => (await then(pin)) && (ways.home(), true), back);
    },
  };
  const unlock = away(() => ways.askPin((pin) => app.enter(pin), ways.decoy));
  const first = away(() => (app.enrolment ? showDecoy(app, unlock) : showEnrolment(app, code, ways.home)));
  ways.decoy = first;
  app.changed = () => isHome && refreshHome(app, ways);
  setInterval(() => isHome && document.visibilityState === "visible" && refreshHome(app, ways), REFRESH_MS);
  // Whoever comes back to the page finds the decoy.
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && isHome && app.enrolment && first());
  first();
}

if ("serviceWorker" in navigator) void navigator.serviceWorker.register("sw.js");
void start();
