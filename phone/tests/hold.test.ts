/** What holds the first page, and what uses it for something else: no alarm is missed, and none is made by reading. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { holdable } from "../src/ui/hold";

const HOLD_MS = 800;
const A_LONG_WAY = 300;

/** The page, and whatever of it lies under the finger: an element that is within `within`. */
class PlayedPage extends EventTarget {
  isConnected = true;
  within = "div";

  closest(selector: string): object | null {
    return selector.includes(this.within) ? this : null;
  }
}

let page: PlayedPage;
let view: EventTarget & { scrollY: number };
let presses: number;

beforeEach(() => {
  vi.useFakeTimers();
  [page, view, presses] = [new PlayedPage(), Object.assign(new EventTarget(), { scrollY: 0 }), 0];
  vi.stubGlobal("addEventListener", view.addEventListener.bind(view));
  vi.stubGlobal("scrollY", 0);
  holdable(page as unknown as HTMLElement, () => (presses += 1), () => HOLD_MS);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** An event on the page, where a browser's bubbles on to the window; returns whether the page may go on with it. */
function tell(name: string, about: object = {}): boolean {
  const made = () => Object.assign(new Event(name, { cancelable: true }), { clientX: 180, clientY: 600, pointerId: 1, pointerType: "touch", ...about });
  const onPage = page.dispatchEvent(made());
  const key = made();
  Object.defineProperty(key, "target", { value: page });
  view.dispatchEvent(key);
  return onPage;
}

function moveThePage(by: number): void {
  vi.stubGlobal("scrollY", by);
  tell("scroll");
}

const wait = (ms = HOLD_MS) => vi.advanceTimersByTime(ms);

test("a finger that stays is a press, once, and what it lay on is not clicked besides", () => {
  tell("pointerdown");
  wait(HOLD_MS - 1);
  expect(presses).toBe(0);
  wait(1);
  tell("pointerup");
  expect([presses, tell("click")]).toEqual([1, false]);
  wait(10 * HOLD_MS);
  expect([presses, tell("click")]).toEqual([1, true]);
});

test("one that leaves before is none", () => {
  tell("pointerdown");
  wait(HOLD_MS - 1);
  tell("pointerup");
  wait();
  expect([presses, tell("click")]).toEqual([0, true]);
});

test("one that trembles, slips or is joined by a second one is still there", () => {
  tell("pointerdown");
  moveThePage(30);
  tell("pointermove", { clientY: 600 - A_LONG_WAY });
  tell("pointercancel");
  tell("pointerdown", { pointerId: 2 });
  tell("pointerup", { pointerId: 2 });
  wait();
  expect(presses).toBe(1);
});

test("one that moves the page is none, and neither is what stays after it", () => {
  tell("pointerdown");
  moveThePage(A_LONG_WAY);
  wait();
  expect(presses).toBe(0);
});

test("one that chooses words in a field is none, and one that stays on it is", () => {
  page.within = "textarea";
  tell("pointerdown");
  tell("pointermove", { clientX: 180 + A_LONG_WAY });
  wait();
  tell("pointerup");
  expect(presses).toBe(0);
  tell("pointerdown");
  tell("pointermove", { clientX: 190 });
  wait();
  expect(presses).toBe(1);
});

test.each(["touchend", "touchcancel", "blur"])("it has left also where the platform says so only by %s", (name) => {
  tell("pointerdown");
  tell(name, { touches: [] });
  wait();
  expect(presses).toBe(0);
});

test("the space bar holds as well, also a long page that it moves", () => {
  tell("keydown", { key: " " });
  moveThePage(A_LONG_WAY);
  tell("keydown", { key: " ", repeat: true });
  wait();
  tell("keyup", { key: " " });
  expect(presses).toBe(1);
});

test.each(["textarea", "input", "select"])("in a field (%s) the space bar is none", (field) => {
  page.within = field;
  tell("keydown", { key: " " });
  wait();
  expect(presses).toBe(0);
});

test("a finger that opens a choice is none: the platform keeps its end to itself", () => {
  page.within = "select";
  tell("pointerdown");
  wait();
  expect(presses).toBe(0);
});

test("a page whose place another one took is held no more", () => {
  page.isConnected = false;
  tell("keydown", { key: " " });
  wait();
  expect(presses).toBe(0);
});
