/** From page to page: the small app first, always, and back to it whenever she leaves. The same for both engines. */
import { text } from "../locales";
import { hush } from "./aloud";
import { dress, refreshDecoy, showDecoy } from "./decoy";
import { pairAgain, renewCodes, showEnrolment } from "./enrolling";
import type { Answer, Shut } from "./entering";
import type { Inside } from "./inside";
import { showPrivate } from "./private";
import { type Ways, refreshHome, showHome, waitingPress } from "./screens";
import { showSettings } from "./settings";
import { refreshTest, showTest } from "./testing";
import { showPad } from "./unlocking";

// What she reads behind the decoy tells its own age, so it is never older than it says.
const READ_EVERY_MS = 1000;
// The decoy shows whatever happens at once; only that time has passed needs a look, and a battery pays for each.
const REST_EVERY_MS = 15_000;

/** Her page may be asked for before anybody knows whether it opens with a code or is to be set up: `act` follows once it is known. */
function awaiting(app: Inside, act: () => void): { ask(): void; look(): void; forget(): void } {
  let isAwaited = false;
  const ask = () => {
    isAwaited = app.isUnknown;
    if (!isAwaited) act();
  };
  return { ask, look: () => isAwaited && ask(), forget: () => (isAwaited = false) };
}

/** Shows the small app, and leads on from there. */
export function lead(app: Inside): void {
  const nothing = () => undefined;
  const [always, never] = [() => true, () => false];
  let looking: ReturnType<typeof setInterval> | undefined;
  // Whether what is shown is hers, and must be gone when somebody comes back to the page.
  let isInside = never;
  const away = (then: () => void, inside = never, meanwhile: () => void = nothing, everyMs = 0, isDecoy = false) => () => {
    hush();
    app.changed = nothing;
    // What was asked for on a page that is left would swallow a press on the next.
    app.disarmTest();
    app.changed = meanwhile;
    clearInterval(looking);
    if (everyMs > 0) looking = setInterval(() => document.visibilityState === "visible" && meanwhile(), everyMs);
    isInside = inside;
    if (!isDecoy) app.onShown(false);
    then();
    // Pictures may be made of it only once it is there.
    if (isDecoy) app.onShown(true);
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
  const note = away(() => showPrivate(app, ways.decoy), always, nothing, 0, true);
  const renew = away(() => renewCodes(app, ways.home), always);
  const opened = (answer: Answer): Shut | (() => void) => {
    if (answer === "own") return app.codes.mustBeChosen ? renew : ways.home;
    return answer === "threat" ? note : answer;
  };
  const taps = awaiting(app, () => {
    if (app.isSetUp) ways.askPin(async (code) => opened(await app.enter(code)), ways.decoy);
    else setUp();
  });
  ways.decoy = away(() => {
    app.codes.close();
    showDecoy(app, taps.ask);
  }, never, () => (refreshDecoy(app), taps.look()), REST_EVERY_MS, true);
  // Anyone who comes back to the page finds the decoy.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") app.disarmTest();
    if (document.visibilityState === "hidden") taps.forget();
    if (document.visibilityState === "hidden" && isInside()) ways.decoy();
    else app.changed();
  });
  dress(app.chosen.now.decoy);
  ways.decoy();
}
