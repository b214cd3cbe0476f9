/** The pages in the app for Android: which port they take, what they ask of the engine, and what of its words they believe. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { NativeBehind } from "../src/native/behind";
import { type EngineState, stateIn } from "../src/native/port";

const STATE: EngineState = { isEnrolled: true, decoy: "timer", language: "nl", holdsScreen: true, holdMs: 3000, warns: false, alarm: "", isMuted: false };

/** The window's end of the port. */
class End {
  readonly said: string[] = [];
  onmessage: ((event: { data: unknown }) => void) | null = null;

  postMessage(words: string): void {
    this.said.push(words);
  }
}

let view: EventTarget;

beforeEach(() => {
  view = new EventTarget();
  vi.stubGlobal("addEventListener", view.addEventListener.bind(view));
  vi.stubGlobal("document", { documentElement: {} });
  vi.stubGlobal("navigator", { languages: ["de-BE"] });
});
afterEach(() => vi.unstubAllGlobals());

function handOver(end: End, about: object = {}): void {
  view.dispatchEvent(Object.assign(new Event("message"), { data: "port", origin: "", ports: [end], ...about }));
}

test("what is asked before the port is there is said once it is, and in its order", () => {
  const behind = new NativeBehind();
  behind.showsDecoy();
  void behind.pressOnScreen();
  const end = new End();
  handOver(end);
  expect(end.said).toEqual(['{"what":"state"}', "platform secure off", '{"what":"press"}']);
});

test("no other page can hand a port over, and none can take the first one's place", () => {
  const behind = new NativeBehind();
  const [stranger, ours, later] = [new End(), new End(), new End()];
  handOver(stranger, { origin: "https://example.org" });
  handOver(stranger, { data: "another" });
  handOver(ours);
  handOver(later);
  void behind.pressOnScreen();
  expect([stranger.said, later.said]).toEqual([[], []]);
  expect(ours.said.at(-1)).toBe('{"what":"press"}');
});

test("before the engine has said anything it is a small app on a phone without a kit", () => {
  const behind = new NativeBehind();
  expect([behind.enrolment, behind.chosen.now.decoy, behind.standing.warns, behind.alarm.state]).toEqual([null, "notes", false, ""]);
});

test("what the engine says of itself shows, and a page is made anew only when it looks different", () => {
  const behind = new NativeBehind();
  const end = new End();
  handOver(end);
  let [dressed, changed] = [0, 0];
  behind.onDressed = () => (dressed += 1);
  behind.onChanged = () => (changed += 1);
  end.onmessage!({ data: JSON.stringify({ state: STATE }) });
  end.onmessage!({ data: JSON.stringify({ state: { ...STATE, warns: true } }) });
  end.onmessage!({ data: JSON.stringify({ grants: { button: true } }) });
  expect([dressed, changed]).toEqual([1, 1]);
  expect([behind.holdMs, behind.chosen.now.decoy, behind.standing.warns]).toEqual([3000, "timer", true]);
  end.onmessage!({ data: JSON.stringify({ state: { ...STATE, decoy: "weather" } }) });
  expect(behind.chosen.now.decoy).toBe("notes");
});

test("an engine that leaves small app and language to the page changes nothing of what is shown", () => {
  const behind = new NativeBehind();
  const end = new End();
  handOver(end);
  let dressed = 0;
  behind.onDressed = () => (dressed += 1);
  end.onmessage!({ data: JSON.stringify({ state: { ...STATE, decoy: "", language: "" } }) });
  expect([dressed, behind.chosen.now.decoy]).toEqual([0, "notes"]);
});

test.each(["", "{", "null", "[]", '{"state":null}', '{"state":{}}', JSON.stringify({ state: { ...STATE, holdMs: "3000" } })])("%s is no state", (words) => {
  expect(stateIn(words)).toBeNull();
});
