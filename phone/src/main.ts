/** Where the app starts: the decoy, or setting up when an officer's code came with the address. */
import "./ui/app.css";
import { text } from "./locales";
import type { Roads } from "./transport/roads";
import { hush } from "./ui/aloud";
import { App } from "./ui/app";
import { dress, refreshDecoy, showDecoy } from "./ui/decoy";
import { pairAgain, showEnrolment } from "./ui/enrolling";
import { reachOf } from "./ui/lost";
import { type Ways, refreshHome, showHome } from "./ui/screens";
import { showSettings } from "./ui/settings";
import { refreshTest, showTest } from "./ui/testing";
import { showPad } from "./ui/unlocking";

// What she reads behind the decoy tells its own age, so it is never older than it says.
const READ_EVERY_MS = 1000;
// The decoy shows whatever happens at once; only that time has passed needs a look, and a battery pays for each.
const REST_EVERY_MS = 15_000;

/** `#c=CODE` behind the address: it is never sent to a server, and leaves the address bar at once. */
function codeFromAddress(): string {
  const code = new URLSearchParams(location.hash.slice(1)).get("c") ?? "";
  history.replaceState(null, "", location.pathname);
  return code;
}

function roadsOf(page: Document): Roads {
  const told = (name: string) => page.querySelector<HTMLMetaElement>(`meta[name=${name}]`)?.content ?? "";
  const sms = /^\+?\d+$/.test(told("sms")) ? told("sms") : "";
  const push = /^[\w-]{87}$/.test(told("push")) ? told("push") : "";
  const silentMinutes = Number(told("minutes")) || 60;
  return { servers: told("servers").split(" ").filter(Boolean), sms, isDemo: told("stage") === "demo", push, silentMinutes };
}

async function start(): Promise<void> {
  const code = codeFromAddress();
  const app = await App.open(roadsOf(document));
  dress(app.chosen.now.decoy);
  void reachOf(app).keep().catch(reportError);
  const nothing = () => undefined;
  let looking: ReturnType<typeof setInterval> | undefined;
  // Whether what is shown is hers, and must be gone when somebody comes back to the page.
  let isInside = false;
  const away = (then: () => void, inside = false, meanwhile: () => void = nothing, everyMs = 0) => () => {
    hush();
    app.changed = nothing;
    // What was asked for on a page that is left would swallow a press on the next.
    app.disarmTest();
    app.changed = meanwhile;
    clearInterval(looking);
    if (everyMs > 0) looking = setInterval(() => document.visibilityState === "visible" && meanwhile(), everyMs);
    isInside = inside;
    then();
  };
  const ways: Ways = {
    decoy: nothing,
    home: nothing,
    settings: away(() => showSettings(app, ways), true),
    test: away(() => showTest(app, ways), true, () => refreshTest(app, ways), READ_EVERY_MS),
    pair: away(() => pairAgain(app, ways.home), true),
    askPin: (then, back) => away(() => pad(then, back), true)(),
  };
  const pad = (then: (pin: string) => Promise<boolean>, back: () => void) =>
    showPad(text(`decoy.${app.chosen.now.decoy}`), async (pin) => (await then(pin)) && (ways.home(), true), back);
  const again = () => refreshHome(app, ways);
  ways.home = away(() => showHome(app, ways), true, again, READ_EVERY_MS);
  const unlock = () => ways.askPin((pin) => app.enter(pin), ways.decoy);
  const decoy = away(() => showDecoy(app, unlock), false, () => refreshDecoy(app), REST_EVERY_MS);
  const setUp = away(() => showEnrolment(app, code, ways.home));
  ways.decoy = () => (app.enrolment ? decoy() : setUp());
  // Whoever comes back to the page finds the decoy.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") app.disarmTest();
    if (document.visibilityState === "hidden" && isInside) ways.decoy();
    else app.changed();
  });
  ways.decoy();
}

// Without it the app works as long as there is a network; the one that is kept already goes on in any case.
if ("serviceWorker" in navigator) void navigator.serviceWorker.register("sw.js").catch(() => undefined);
void start();
