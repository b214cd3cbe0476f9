/** The pages in the app for Android: which port they take, what they ask of the engine, and what of its words they believe. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { NoAddress, invitationIn } from "../src/core/invitation";
import { setLanguage } from "../src/locales";
import { NativePhone } from "../src/native/phone";
import { type EngineState, stateIn } from "../src/native/port";
import { fixWords } from "../src/ui/proofs";

const STATE: Partial<EngineState> = { isEnrolled: true, hasCodes: true, holdMs: 3000, isLost: false, alarm: "", isMuted: false };

/** The window's end of the port. */
class End {
  readonly said: string[] = [];
  onmessage: ((event: { data: unknown }) => void) | null = null;

  postMessage(words: string): void {
    this.said.push(words);
  }

  tell(word: object): void {
    this.onmessage!({ data: JSON.stringify(word) });
  }

  get last(): unknown {
    return JSON.parse(this.said.at(-1)!);
  }
}

let view: EventTarget;
let drawers: Map<string, string>;

beforeEach(() => {
  view = new EventTarget();
  drawers = new Map();
  vi.useFakeTimers();
  vi.stubGlobal("addEventListener", view.addEventListener.bind(view));
  vi.stubGlobal("document", Object.assign(new EventTarget(), { documentElement: {}, visibilityState: "visible" }));
  vi.stubGlobal("navigator", { languages: ["de-BE"] });
  vi.stubGlobal("localStorage", { getItem: (name: string) => drawers.get(name) ?? null, setItem: (name: string, words: string) => drawers.set(name, words) });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function handOver(end: End, about: object = {}): void {
  view.dispatchEvent(Object.assign(new Event("message"), { data: "port", origin: "", ports: [end], ...about }));
}

function opened(state: Partial<EngineState> = STATE): { phone: NativePhone; end: End } {
  const [phone, end] = [new NativePhone(), new End()];
  handOver(end);
  end.tell({ state });
  return { phone, end };
}

test("what is asked before the port is there is said once it is, and in its order", () => {
  const phone = new NativePhone();
  phone.onShown(true);
  void phone.pressOnScreen();
  const end = new End();
  handOver(end);
  expect(end.said).toEqual(['{"what":"state"}', "platform grants", "platform secure off", '{"what":"press"}']);
});

test("no other page can hand a port over, and none can take the first one's place", () => {
  const phone = new NativePhone();
  const [stranger, ours, later] = [new End(), new End(), new End()];
  handOver(stranger, { origin: "https://example.org" });
  handOver(stranger, { data: "another" });
  handOver(ours);
  handOver(later);
  void phone.pressOnScreen();
  expect([stranger.said, later.said]).toEqual([[], []]);
  expect(ours.said.at(-1)).toBe('{"what":"press"}');
});

test("before the engine has said anything it is a small app on a phone without a kit", () => {
  const phone = new NativePhone();
  expect([phone.enrolment, phone.chosen.now.decoy, phone.standing.warns, phone.alarm.state]).toEqual([null, "notes", false, ""]);
  expect([phone.isUnknown, opened({ isEnrolled: false }).phone.isUnknown]).toEqual([true, false]);
});

test("what the engine says of itself shows, and what it leaves out is as without a kit", () => {
  const { phone, end } = opened();
  let changed = 0;
  phone.changed = () => (changed += 1);
  end.tell({ state: { ...STATE, hasTexts: true, checks: "silent" } });
  end.tell({ grants: { button: true } });
  expect([changed, phone.holdMs, phone.standing.warns, phone.isSetUp]).toEqual([2, 3000, true, true]);
  end.tell({ state: { isEnrolled: false } });
  expect([phone.enrolment, phone.isSetUp, phone.holdMs]).toEqual([null, false, 2000]);
});

test("the first page warns by the web app's rule: late, and never because of a press", () => {
  const well = { isRadioOff: false, mayLocate: true, isPaired: true, isConnected: true, buttonHeardAtMs: Date.now(), provedAtMs: Date.now(), checkedAtMs: Date.now() };
  const { phone, end } = opened({ ...STATE, ...well });
  expect(phone.standing.warns).toBe(false);
  end.tell({ state: { ...STATE, ...well, alarm: "stored", trouble: "unreachable", provedAtMs: null } });
  vi.advanceTimersByTime(900_000);
  expect(phone.standing.warns).toBe(false);
  end.tell({ state: { ...STATE, ...well, isMuted: true, phonePct: 3 } });
  expect(phone.standing.warns).toBe(false);
  end.tell({ state: { ...STATE, ...well, provedAtMs: null } });
  expect(phone.standing.warns).toBe(false);
  vi.advanceTimersByTime(300_000);
  expect(phone.standing.warns).toBe(true);
});

test("a kit that was here and can no longer be read warns at once", () => {
  expect(opened({ isEnrolled: false, isLost: true }).phone.standing.warns).toBe(true);
});

test("a phone that is enrolled and has no codes yet is not set up", () => {
  const { phone } = opened({ ...STATE, hasCodes: false });
  expect([phone.enrolment === null, phone.isSetUp]).toEqual([false, false]);
});

test("a button that was heard and is no longer linked is missing, not absent", () => {
  expect(opened({ ...STATE, buttonHeardAtMs: 5, isPaired: false }).phone.standing.conditions.buttonConnected).toBe(false);
  expect(opened({ ...STATE, buttonHeardAtMs: null, isPaired: false }).phone.standing.conditions.buttonConnected).toBeNull();
});

test("a newer app is offered as long as the engine offers it, and what became of her word is said", async () => {
  const { phone, end } = opened();
  expect(phone.update).toBeNull();
  end.tell({ state: { ...STATE, hasUpdate: true } });
  expect(phone.update?.hasFailed).toBe(false);
  const installing = phone.update!.install();
  expect(end.last).toEqual({ what: "install" });
  end.tell({ answer: { what: "install", word: "FAILED" } });
  await installing;
  expect(phone.update?.hasFailed).toBe(true);
  // Said again, it is not yet refused again.
  void phone.update!.install();
  expect(phone.update?.hasFailed).toBe(false);
  end.tell({ state: { ...STATE, hasUpdate: false, alarm: "stored" } });
  expect(phone.update).toBeNull();
});

test("a test that was just armed is armed, whatever the engine said before it heard of it", () => {
  const { phone, end } = opened({ ...STATE, test: "none" });
  // Coming to the page of the test ended one that there might have been.
  phone.disarmTest();
  phone.armTest();
  end.tell({ state: { ...STATE, test: "none" } });
  expect(phone.testStep).toBe("armed");
  expect(phone.test.armedUntilMs - Date.now()).toBe(120_000);
  end.tell({ state: { ...STATE, test: "armed", testUntilMs: Date.now() + 119_000 } });
  expect([phone.testStep, phone.test.armedUntilMs - Date.now()]).toEqual(["armed", 119_000]);
  end.tell({ state: { ...STATE, test: "none" } });
  expect(phone.testStep).toBe("none");
  // An engine that never takes it up has armed nothing.
  phone.armTest();
  vi.advanceTimersByTime(2000);
  expect(phone.testStep).toBe("none");
  phone.armTest();
  phone.disarmTest();
  expect(phone.testStep).toBe("none");
});

test("nothing is to be looked at while an alarm is open or the phone plays dead", () => {
  const at = (change: Partial<EngineState>) => opened({ ...STATE, checks: "microphone", ...change }).phone.standing.checks;
  expect([at({}), at({ alarm: "stored" }), at({ isMuted: true })]).toEqual([["microphone"], [], []]);
});

test("the two texts of a press are offered where the engine offers them and no server answers", () => {
  const smsLinks = "sms:+32000?body=EG11%2F2AAAA sms:+32000?body=EG12%2F2AAAA";
  const at = (change: Partial<EngineState>) => opened({ ...STATE, alarm: "stored", trouble: "unreachable", smsLinks, ...change }).phone.alarm.smsLinks;
  expect(at({})).toEqual(smsLinks.split(" "));
  expect([at({ trouble: "" }), at({ trouble: "kept" })]).toEqual([[], []]);
  expect(at({ smsLinks: "" })).toEqual([]);
});

test("what stands in a press's way is said where the engine says so, also in front of the code", () => {
  const at = (change: Partial<EngineState>) => {
    const { showsAlarm, saysTrouble } = opened({ ...STATE, alarm: "stored", trouble: "unreachable", ...change }).phone.alarm;
    return [showsAlarm, saysTrouble];
  };
  expect(at({ showsAlarm: false, saysTrouble: true })).toEqual([false, true]);
  expect(at({ showsAlarm: true, saysTrouble: false })).toEqual([true, false]);
});

test("a code and its address are taken to the engine, and both codes after them", async () => {
  const { phone, end } = opened({ isEnrolled: false });
  const enrolling = phone.enrol(" one.example  7KQM 2XVD ");
  expect(end.last).toEqual({ what: "enrol", server: "https://one.example", code: "7KQM 2XVD" });
  end.tell({ answer: { what: "enrol", word: "ENROLLED" } });
  const choosing = (await enrolling)("1357", "2468");
  expect(end.last).toEqual({ what: "codes", own: "1357", threat: "2468" });
  end.tell({ answer: { what: "codes", word: "CHOSEN" } });
  await choosing;
});

test.each([
  ["REFUSED", "Refused"], ["OFFLINE", "Unreachable"], ["UNTRUSTED", "RangeError"], ["NOT_STORED", "DOMException"],
])("an enrolment that ended as %s is a fault that the page has words for", async (word, name) => {
  const { phone, end } = opened({ isEnrolled: false });
  const enrolling = phone.enrol("one.example 7KQM").catch((fault: unknown) => fault);
  end.tell({ answer: { what: "enrol", word } });
  expect((await enrolling)?.constructor.name).toBe(name);
});

test.each([
  ["OPEN", "own"], ["THREAT", "threat"], ["WRONG", "wrong"], ["OFTEN", "often"], ["OFFLINE", "offline"], ["NO_KIT", "offline"],
])("a code answered with %s is %s to the page", async (word, answer) => {
  const { phone, end } = opened();
  const entering = phone.enter("1357");
  expect(end.last).toEqual({ what: "unlock", code: "1357" });
  end.tell({ answer: { what: "unlock", word } });
  expect(await entering).toBe(answer);
});

test("a button is looked for once the platform allows it, and a word that nobody knows is a failure", async () => {
  const { phone, end } = opened();
  const refused = phone.pair(null).catch((fault: { word: string }) => fault.word);
  expect(end.said.at(-1)).toBe("platform allow button");
  end.tell({ grants: { button: false } });
  expect(await refused).toBe("not-allowed");
  for (const [word, seen] of [["not-ours", "not-ours"], ["broken", "failed"], ["PAIRED", undefined]] as const) {
    const pairing = phone.pair(null).catch((fault: { word: string }) => fault.word);
    end.tell({ grants: { button: true } });
    await vi.waitFor(() => expect(end.last).toEqual({ what: "pair" }));
    end.tell({ answer: { what: "pair", word } });
    expect(await pairing).toBe(seen);
    end.said.push('""');
  }
});

test("what pages alone have a use for lies with them and is there again; the launcher follows", async () => {
  const { phone, end } = opened();
  await phone.chosen.change({ decoy: "timer" });
  expect(end.said.at(-1)).toBe("platform show timer");
  await phone.chosen.change({ holdMs: 5000, language: "nl" });
  await phone.chosen.change({ vibrates: true });
  expect(end.last).toEqual({ what: "vibrates", is: true });
  const again = new NativePhone();
  expect([again.chosen.now.decoy, again.chosen.now.language, again.holdMs, again.chosen.now.vibrates]).toEqual(["timer", "nl", 5000, false]);
  expect(JSON.stringify([...drawers.values()])).not.toMatch(/alarm|kit|polic|button/i);
});

test("a store that was damaged and mended is said as long as the engine says so", () => {
  expect([opened().phone.standing.isMended, opened({ ...STATE, isMended: true }).phone.standing.isMended]).toEqual([false, true]);
});

test("a fix is said with its age, by the clock of the page", () => {
  const { phone, end } = opened({ ...STATE, mayLocate: true, accuracyM: 12, fixAtMs: Date.now() - 5000 });
  expect(phone.platform.position()).toEqual({ accuracy_m: 12, age_s: 5 });
  vi.advanceTimersByTime(115_000);
  setLanguage("en");
  expect(fixWords(phone.platform.position()!)).toMatch(/^± 12 m, 2\smin ago$/);
  // A clock that was set back makes no fix of tomorrow.
  end.tell({ state: { ...STATE, accuracyM: 12, fixAtMs: Date.now() + 9000 } });
  expect(phone.platform.position()?.age_s).toBe(0);
  end.tell({ state: { ...STATE, accuracyM: null, fixAtMs: null } });
  expect(phone.platform.position()).toBeNull();
});

test("text messages are asked for where there is a number, and what leads away from the page comes last", () => {
  expect(opened().phone.further.map(({ word }) => word)).toEqual(["battery", "unseen"]);
  expect(opened({ ...STATE, hasTexts: true }).phone.further.map(({ word }) => word)).toEqual(["texts", "battery", "unseen"]);
});

test("what the phone took back is said as soon as its window is seen again, and only where it is wanted", () => {
  const { phone, end } = opened();
  let changes = 0;
  phone.changed = () => (changes += 1);
  expect(phone.lacks).toEqual([]);
  end.tell({ grants: { button: false, battery: false, texts: false } });
  expect([phone.lacks, changes]).toEqual([["battery"], 1]);
  end.tell({ state: { ...STATE, isPaired: true, hasTexts: true } });
  expect(phone.lacks).toEqual(["button", "battery", "texts"]);
  end.tell({ grants: { button: true, battery: true, texts: true } });
  expect(phone.lacks).toEqual([]);
  end.tell({ state: { ...STATE, isPaired: true, isRadioOff: true } });
  expect(phone.lacks).toEqual(["radio"]);
  end.tell({ state: { ...STATE, isRadioOff: true } });
  expect(phone.lacks).toEqual([]);
});

test("a test that is armed ends by itself on the page", () => {
  const { phone } = opened({ ...STATE, test: "armed", testUntilMs: Date.now() + 1000 });
  expect(phone.testStep).toBe("armed");
  vi.advanceTimersByTime(1000);
  expect(phone.testStep).toBe("none");
});

test("as long as she looks, the road is proven each minute", () => {
  const { end } = opened();
  vi.advanceTimersByTime(180_000);
  expect(end.said.filter((words) => words === '{"what":"prove"}')).toHaveLength(3);
  Object.assign(document, { visibilityState: "hidden" });
  vi.advanceTimersByTime(180_000);
  expect(end.said.filter((words) => words === '{"what":"prove"}')).toHaveLength(3);
});

test.each(["", "{", "null", "[]", '{"state":null}', '{"state":{}}', JSON.stringify({ state: { ...STATE, holdMs: "3000" } })])("%s is no state", (words) => {
  expect(stateIn(words)).toBeNull();
});

test.each([
  ["kits.example.be 7KQM-2XVD-PQRS", "https://kits.example.be", "7KQM-2XVD-PQRS"],
  ["https://kits.example.be:8443/ 7KQM 2XVD", "https://kits.example.be:8443", "7KQM 2XVD"],
  ["http://127.0.0.1:8080\n7KQM", "http://127.0.0.1:8080", "7KQM"],
])("%s is read as it was meant", (words, server, code) => {
  expect(invitationIn(words)).toEqual({ server, code });
});

test.each(["", "7KQM-2XVD-PQRS", "7KQM 2XVD PQRS", "kits.example.be", "http://kits.example.be 7KQM", "https:// 7KQM"])("%s has no address to go to", (words) => {
  expect(() => invitationIn(words)).toThrow(NoAddress);
});
