/** Where the app starts: the decoy, or setting up when an officer's code came with the address. */
import "./ui/app.css";
import { text } from "./locales";
import { App, type Roads } from "./ui/app";
import { dress, showDecoy } from "./ui/decoy";
import { pairAgain, showEnrolment } from "./ui/enrolling";
import { type Ways, refreshHome, showHome, showSettings } from "./ui/screens";
import { showPad } from "./ui/unlocking";

const REFRESH_MS = 1000;

/** `#c=CODE` behind the address: it is never sent to a server, and leaves the address bar at once. */
function codeFromAddress(): string {
  const code = new URLSearchParams(location.hash.slice(1)).get("c") ?? "";
  history.replaceState(null, "", location.pathname);
  return code;
}

function roadsOf(page: Document): Roads {
  const told = (name: string) => page.querySelector<HTMLMetaElement>(`meta[name=${name}]`)?.content ?? "";
  return { servers: told("servers").split(" ").filter(Boolean), sms: /^\+?\d+$/.test(told("sms")) ? told("sms") : "" };
}

async function start(): Promise<void> {
  const code = codeFromAddress();
  const app = await App.open(roadsOf(document));
  dress(app.chosen.now.decoy);
  let isHome = false;
  // Whether what is shown is hers, and must be gone when somebody comes back to the page.
  let isInside = false;
  const away = (then: () => void, inside = false) => () => {
    isHome = false;
    isInside = inside;
    then();
  };
  const ways: Ways = {
    decoy: away(() => showDecoy(app, ways.home)),
    home: () => {
      isHome = isInside = true;
      showHome(app, ways);
    },
    settings: away(() => showSettings(app, ways), true),
    pair: away(() => pairAgain(app, ways.home)),
    askPin: (then, back) => {
      isHome = false;
      isInside = true;
      showPad(text(`decoy.${app.chosen.now.decoy}`), async (pin) => (await then(pin)) && (ways.home(), true), back);
    },
  };
  const unlock = away(() => ways.askPin((pin) => app.enter(pin), ways.decoy));
  const first = away(() => (app.enrolment ? showDecoy(app, unlock) : showEnrolment(app, code, ways.home)));
  ways.decoy = first;
  app.changed = () => isHome && refreshHome(app, ways);
  setInterval(() => isHome && document.visibilityState === "visible" && refreshHome(app, ways), REFRESH_MS);
  // Whoever comes back to the page finds the decoy.
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && isInside && first());
  first();
}

if ("serviceWorker" in navigator) void navigator.serviceWorker.register("sw.js");
void start();
