/**
 * The web app with its time, network, button and person in a test's hands: each line on standard input is an object of JSON
 * that says what happens, each line of the answer what the phone did, in its order, and when it is due next. What
 * PlayedPhone.java is for the core in Java; tests/android/histories.py plays both.
 */
import { freshPage, nextUs, pass, settled, world } from "./world";
import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { createInterface } from "node:readline";
import { BthomeError, decodeBthome } from "../../src/core/bthome";
import { fromBase64url, fromHex } from "../../src/core/bytes";
import type { EnrolmentReply } from "../../src/core/enrolment";
import { Source } from "../../src/core/envelope";
import { isPin } from "../../src/core/pin";
import type { Notice } from "../../src/radio/port";
import { Refused, Unreachable } from "../../src/transport/failures";
import { App } from "../../src/ui/app";
import { freshChoices } from "../../src/ui/choices";
import { type Answer, chooseCodes } from "../../src/ui/entering";
import { type PlayedRadio, button } from "./linked";
import { platform } from "./surroundings";

interface Begin {
  readonly now_us: number;
  readonly seed: string;
  readonly servers: readonly string[];
  readonly enrolment: string;
}
/** What may be said of what happens; each has what it needs. */
type Facts = Readonly<
  Record<"until_us" | "id" | "status" | "us" | "pct" | "lat_e7" | "lon_e7" | "accuracy_m", number> &
    Record<"body" | "retry_after" | "data" | "address" | "notice" | "word" | "code" | "own" | "threat", string> & { is: boolean }
>;

const ANSWERS: Record<Answer, string> = { own: "OPEN", threat: "OPEN", wrong: "WRONG", offline: "OFFLINE", often: "OFTEN" };

let app: App;
let servers: readonly string[] = [];
let shown = "";
/** A test of the time before there were codes: in life there is none, since codes come first. */
let testedBefore: number | null = null;

async function live(): Promise<void> {
  freshPage();
  app = await App.open({ servers, sms: "", smsAnswers: false, isDemo: false, push: "", silentMinutes: 60 }, freshChoices("fr", "notes"));
}

async function begin({ now_us, seed, servers: roads, enrolment }: Begin): Promise<void> {
  globalThis.indexedDB = new IDBFactory();
  Object.assign(world, { nowUs: 0, aheadUs: now_us, seed, asked: 0 });
  world.waiting.clear();
  world.timers.clear();
  Object.assign(platform, { place: null, phonePct: null, mayLocate: true, mayListen: true });
  Object.assign(button, { isPaired: true, isConnected: true, takesHold: true, pct: 80 });
  servers = roads;
  shown = "";
  testedBefore = null;
  await live();
  const reply = JSON.parse(enrolment) as EnrolmentReply;
  await app.store.rememberAll({ enrolment: reply, servers: reply.servers });
  await app.run(reply);
}

function radio(): PlayedRadio {
  return app.radio as unknown as PlayedRadio;
}

/** The page ends as one that the platform kills: nothing that it waited for comes. */
async function restart(): Promise<void> {
  radio().stop();
  world.timers.clear();
  world.waiting.clear();
  await live();
}

async function enter(what: string, answer: Promise<Answer>): Promise<void> {
  world.did.push([what, ANSWERS[await answer]]);
}

/** As the page for it does: only codes that may be chosen come so far. */
async function setPins(own: string, threat: string): Promise<void> {
  const isLocked = (await app.codes.areChosen()) && app.codes["open"] === null;
  if (!isPin(own) || !isPin(threat) || own === threat || isLocked) {
    world.did.push(["set_pins", "REFUSED"]);
    return;
  }
  try {
    await chooseCodes(app, own, threat, null);
    world.did.push(["set_pins", "CHOSEN"]);
  } catch (error) {
    if (!(error instanceof Refused || error instanceof Unreachable || error instanceof RangeError)) throw error;
    world.did.push(["set_pins", "FAILED"]);
  }
}

async function broadcast(address: string, data: string): Promise<void> {
  const key = fromBase64url(app.enrolment!.button_key, 16);
  try {
    radio().events?.onAdvertised(await decodeBthome(fromHex(data), fromHex(address), key));
  } catch (error) {
    if (!(error instanceof BthomeError)) throw error;
    radio().events?.onTrouble("button-frame-refused");
  }
}

function answer(id: number, status: number, body: string, retryAfter: string): void {
  const one = world.waiting.get(id);
  world.waiting.delete(id);
  one?.resolve({ status, headers: new Headers({ "retry-after": retryAfter }), json: async () => JSON.parse(body) as unknown });
}

function silence(id: number): void {
  const one = world.waiting.get(id);
  world.waiting.delete(id);
  one?.reject(new TypeError("nobody answers"));
}

function permit(what: "mayLocate" | "mayListen", isAllowed: boolean): void {
  if (platform[what] === isAllowed) return;
  platform[what] = isAllowed;
  if (what === "mayLocate") app.platform.onPermission(isAllowed);
  else app.platform.onMicrophone(isAllowed);
}

function link(isConnected: boolean): void {
  if (button.isConnected === isConnected) return;
  button.isConnected = isConnected;
  radio().events?.onLink(isConnected);
}

const HAPPENS: Record<string, (facts: Facts) => unknown> = {
  pass: ({ until_us }) => pass(until_us),
  answer: ({ id, status, body, retry_after }) => answer(id, status, body, retry_after),
  silence: ({ id }) => silence(id),
  jump: ({ us }) => (world.aheadUs += us),
  restart: () => restart(),
  frame: ({ data }) => radio().events?.onFrame(fromHex(data)),
  broadcast: ({ address, data }) => broadcast(address, data),
  link: ({ is }) => link(is),
  paired: ({ is }) => (button.isPaired = is),
  trouble: ({ notice }) => radio().events?.onTrouble(notice as Notice),
  button_pct: ({ pct }) => (button.pct = pct),
  phone_pct: ({ pct }) => (platform.phonePct = pct),
  takes_hold: ({ is }) => (button.takesHold = is),
  place: ({ lat_e7, lon_e7, accuracy_m }) => (platform.place = { lat_e7, lon_e7, accuracy_m, age_s: 0, source: Source.SATELLITE }),
  no_place: () => (platform.place = null),
  may_locate: ({ is }) => permit("mayLocate", is),
  may_listen: ({ is }) => permit("mayListen", is),
  press_on_screen: () => void app.pressOnScreen(),
  arm_test: () => app.armTest(Date.now()),
  disarm_test: () => app.disarmTest(),
  answer_question: ({ word }) => void app.alarm.answer(word),
  vibrates: ({ is }) => app.chosen.change({ vibrates: is }),
  listens: ({ is }) => app.chosen.change({ listens: is }),
  hurry: () => app.engine!.tryNow(),
  unlock: ({ code }) => void enter("unlock", app.enter(code)),
  cancel: ({ code }) => void enter("cancel", app.cancel(code)),
  set_pins: ({ own, threat }) => void setPins(own, threat),
};

/** What a page would show now, told when it is another than before; by the names that the engine of the native app has for it. */
async function tellShown(): Promise<void> {
  const { alarm, standing, chosen, testStep, test, platform: around } = app;
  const { isPaired, isConnected } = app.radio;
  const hasCodes = await app.codes.areChosen();
  const { testedAtMs } = app.codes.page;
  if (!hasCodes) testedBefore = testedAtMs;
  const now = {
    alarm: alarm.showsAlarm ? alarm.state : "",
    question: alarm.isMuted ? "" : alarm.question,
    isMuted: alarm.isMuted,
    saysCancelled: alarm.saysCancelled,
    saysTrouble: alarm.saysTrouble,
    team: alarm.teamStep,
    trouble: alarm.trouble,
    checks: alarm.isMuted || alarm.state !== "" ? "" : standing.told.join(" "),
    test: testStep,
    testUntilMs: testStep === "armed" ? test.armedUntilMs : 0,
    testedAtMs: hasCodes && testedAtMs !== testedBefore ? testedAtMs : null,
    answeredAtMs: standing.answeredAtMs,
    provedAtMs: standing.provedAtMs,
    mayLocate: around.isAllowed,
    isMicrophoneRefused: around.isMicrophoneRefused,
    isPaired,
    isConnected,
    buttonHeardAtMs: chosen.now.buttonHeardAtMs,
    buttonPct: app.engine?.buttonPct ?? null,
    phonePct: around.battery().phone_pct,
    vibrates: chosen.now.vibrates,
    listens: chosen.now.listens,
  };
  if (JSON.stringify(now) === shown) return;
  shown = JSON.stringify(now);
  world.did.push(["shown", now]);
}

globalThis.reportError = (error: unknown) => {
  throw error;
};
for await (const line of createInterface({ input: process.stdin })) {
  const { begin: fresh, do: what, ...facts } = JSON.parse(line) as { begin?: Begin; do: string };
  const done = fresh ? begin(fresh) : HAPPENS[what]!(facts as Facts);
  await settled();
  await done;
  // Nobody looks while time alone passes: when that was is each phone's own affair.
  if (what !== "pass") {
    const told = tellShown();
    await settled();
    await told;
  }
  const next = nextUs();
  process.stdout.write(`${JSON.stringify({ next_us: next === Infinity ? -1 : next, did: world.did.splice(0) })}\n`);
}
