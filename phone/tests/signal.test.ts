/** What the engine's loops wait on. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Signal } from "../src/engine/signal";
import { holdTimers } from "./support/phones";
import { turn } from "./support/waiting";

beforeEach(holdTimers);
afterEach(() => vi.useRealTimers());

async function isOver(wait: Promise<void>): Promise<boolean> {
  let over = false;
  void wait.then(() => (over = true));
  await turn();
  return over;
}

test("what is set already is not waited for", async () => {
  const signal = new Signal();
  signal.set();
  expect(await isOver(signal.wait())).toBe(true);
  expect(await isOver(new Signal(true).wait())).toBe(true);
});

test("setting wakes all who wait, and nobody who comes after it was taken back", async () => {
  const signal = new Signal();
  const waits = [signal.wait(), signal.wait()];
  expect(await isOver(waits[0]!)).toBe(false);
  signal.set();
  expect(await Promise.all(waits.map(isOver))).toEqual([true, true]);
  signal.reset();
  expect(await isOver(signal.wait())).toBe(false);
});

test("a wait with an end ends then, and not before", async () => {
  const wait = new Signal().wait(1000);
  vi.advanceTimersByTime(999);
  expect(await isOver(wait)).toBe(false);
  vi.advanceTimersByTime(1);
  expect(await isOver(wait)).toBe(true);
});

test("no timer is left of a wait that was woken", async () => {
  const signal = new Signal();
  void signal.wait(1000);
  signal.set();
  expect(vi.getTimerCount()).toBe(0);
});

test("waiting for ever costs no timer", () => {
  void new Signal().wait();
  expect(vi.getTimerCount()).toBe(0);
});
