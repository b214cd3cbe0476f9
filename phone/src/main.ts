/** Where the app starts: the decoy, always. A phone that lost its storage says nothing of what it was. */
import "./ui/app.css";
import "./ui/decoys.css";
import { browserLanguage, isLanguage, text } from "./locales";
import type { Roads } from "./transport/roads";
import { hush } from "./ui/aloud";
import { App } from "./ui/app";
import { freshChoices, isDecoy } from "./ui/choices";
import { dress, refreshDecoy, showDecoy } from "./ui/decoy";
import { pairAgain, showCodes, showEnrolment } from "./ui/enrolling";
import { reachOf } from "./ui/lost";
import { type Ways, refreshHome, showHome, waitingPress } from "./ui/screens";
import { showSettings } from "./ui/settings";
import { refreshTest, showTest } from "./ui/testing";
import { showPrivate } from "./ui/private";
import type { Answer, Shut } from "./ui/entering";
import { showPad } from "./ui/unlocking";

// What she reads behind the decoy tells its own age, so it is never older than it says.
const READ_EVERY_MS = 1000;
// The decoy shows whatever happens at once; only that time has passed needs a look, and a battery pays for each.
const REST_EVERY_MS = 15_000;

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
  dress(app.chosen.now.decoy);
  void reachOf(app).keep().catch(reportError);
  const nothing = () => undefined;
  const [always, never] = [() => true, () => false];
  let looking: ReturnType<typeof setInterval> | undefined;
  // Whether what is shown is hers, and must be gone when somebody comes back to the page.
  let isInside = never;
  const away = (then: () => void, inside = never, meanwhile: () => void = nothing, everyMs = 0) => () => {
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
    settings: away(() => showSettings(app, ways), always),
    test: away(() => showTest(app, ways), always, () => refreshTest(app, ways), READ_EVERY_MS),
    pair: away(() => pairAgain(app, ways.home), always),
    askPin: (then, back) => away(() => pad(then, back), always)(),
  };
  const pad = (then: (code: string) => Promise<Shut | (() => void)>, back: () => void) =>
    showPad(text(`decoy.${app.chosen.now.decoy}`), then, back, () => waitingPress(app));
  const again = () => refreshHome(app, ways);
  ways.home = away(() => showHome(app, ways), always, again, READ_EVERY_MS);
  const setUp = away(() => showEnrolment(app, ways.home, ways.decoy), () => app.enrolment !== null);
  const note = away(() => showPrivate(app, ways.decoy), always);
  const renew = away(() => showCodes(app, null, ways.home), always);
  const opened = (answer: Answer): Shut | (() => void) => {
    if (answer === "own") return app.codes.mustBeChosen ? renew : ways.home;
    return answer === "threat" ? note : answer;
  };
  const unlock = () => {
    if (app.enrolment) ways.askPin(async (code) => opened(await app.enter(code)), ways.decoy);
    else setUp();
  };
  ways.decoy = away(() => {
    app.codes.close();
    showDecoy(app, unlock);
  }, never, () => refreshDecoy(app), REST_EVERY_MS);
  // Anyone who comes back to the page finds the decoy.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") app.disarmTest();
    if (document.visibilityState === "hidden" && isInside()) ways.decoy();
    else app.changed();
  });
  ways.decoy();
}

// Without it the app works as long as there is a network; the one that is kept already goes on in any case.
if ("serviceWorker" in navigator) void navigator.serviceWorker.register("sw.js").catch(() => undefined);
void start();
