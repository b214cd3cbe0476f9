/** Where the app starts: the decoy, or setting up when an officer's code came with the address. */
import "./ui/app.css";
import { text } from "./locales";
import type { Roads } from "./transport/roads";
import { hush } from "./ui/aloud";
import { App } from "./ui/app";
import { dress, refreshDecoy, showDecoy } from "./ui/decoy";
import { pairAgain, showEnrolment } from "./ui/enrolling";
import { type Ways, refreshHome, showHome } from "./ui/screens";
import { showSettings } from "./ui/settings";
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
  const sms = /^\+?\d+$/.test(told("sms")) ? told("sms") : "";
  return { servers: told("servers").split(" ").filter(Boolean), sms, isDemo: told("stage") === "demo" };
}

async function start(): Promise<void> {
  const code = codeFromAddress();
  const app = await App.open(roadsOf(document));
  dress(app.chosen.now.decoy);
  const nothing = () => undefined;
  let refresh: () => void = nothing;
  // Whether what is shown is hers, and must be gone when somebody comes back to the page.
  let isInside = false;
  const away = (then: () => void, inside = false, meanwhile: () => void = nothing) => () => {
    hush();
    app.changed = nothing;
    refresh = meanwhile;
    isInside = inside;
    then();
  };
  const ways: Ways = {
    decoy: nothing,
    home: nothing,
    settings: away(() => showSettings(app, ways), true),
    pair: away(() => pairAgain(app, ways.home), true),
    askPin: (then, back) => away(() => pad(then, back), true)(),
  };
  const pad = (then: (pin: string) => Promise<boolean>, back: () => void) =>
    showPad(text(`decoy.${app.chosen.now.decoy}`), async (pin) => (await then(pin)) && (ways.home(), true), back);
  const again = () => refreshHome(app, ways);
  ways.home = away(
    () => {
      app.changed = again;
      showHome(app, ways);
    },
    true,
    again,
  );
  const unlock = () => ways.askPin((pin) => app.enter(pin), ways.decoy);
  const decoy = away(() => showDecoy(app, unlock), false, () => refreshDecoy(app));
  const setUp = away(() => showEnrolment(app, code, ways.home));
  ways.decoy = () => (app.enrolment ? decoy() : setUp());
  setInterval(() => document.visibilityState === "visible" && refresh(), REFRESH_MS);
  // Whoever comes back to the page finds the decoy.
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && isInside && ways.decoy());
  ways.decoy();
}

if ("serviceWorker" in navigator) void navigator.serviceWorker.register("sw.js");
void start();
