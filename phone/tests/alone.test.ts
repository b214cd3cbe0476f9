/** One window works at a time, on the platform's own locks: the one that was looked at last. */
import { AsyncLocalStorage } from "node:async_hooks";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Alone } from "../src/engine/alone";
import { randomly } from "./random";
import { turn, until } from "./support/waiting";

const locks = navigator.locks;
// Each window has a lock manager of its own in the browser; here each act is done in the name of one.
const here = new AsyncLocalStorage<Window>();
let steps: string[];
let run = 0;

class Window {
  works = false;
  private isClosed = false;
  private end!: () => void;
  private readonly ended = new Promise<void>((resolve) => (this.end = resolve));
  private readonly alone = new Alone(() => this.tell("works", true), () => this.tell("rests", false));

  // A window of an earlier test that hears late of its end is nobody here.
  private readonly of = { run, steps };

  constructor(private readonly name: string) {}

  look(): void {
    here.run(this, () => this.alone.claim());
  }

  /** A browser gives up the locks of a window that is closed, and those it waits for. */
  close(): void {
    this.isClosed = true;
    this.works = false;
    this.end();
  }

  readonly locks = {
    request: async (name: string, ...rest: [...LockOptions[], LockGrantedCallback<unknown>]) => {
      const work = rest.pop() as LockGrantedCallback<unknown>;
      const options = (rest.pop() ?? {}) as LockOptions;
      // Never within the call (Web Locks API, section 4.2), as Node does when nobody else holds the lock.
      await turn();
      return locks.request(`${name} ${this.of.run}`, options, (lock) => (this.isClosed ? undefined : Promise.race([work(lock), this.ended])));
    },
  };

  private tell(step: string, works: boolean): void {
    this.works = works;
    this.of.steps.push(`${this.name} ${step}`);
  }
}

beforeEach(() => {
  run += 1;
  steps = [];
  vi.stubGlobal("navigator", { get locks() { return here.getStore()!.locks; } });
});
afterEach(() => vi.unstubAllGlobals());

const named = (...names: string[]) => names.map((name) => new Window(name));
const works = (window: Window) => until(() => window.works, "it works");

test("the window that is looked at works, and looking again changes nothing", async () => {
  const [only] = named("A");
  only!.look();
  await works(only!);
  only!.look();
  only!.look();
  await turn();
  await turn();
  expect(steps).toEqual(["A works"]);
});

test("a window that was never looked at does not work", async () => {
  const [first] = named("A", "B");
  first!.look();
  await works(first!);
  expect(steps).toEqual(["A works"]);
});

test("the one that was looked at last takes over, and the other rests", async () => {
  const [first, second] = named("A", "B");
  first!.look();
  await works(first!);
  second!.look();
  await until(() => steps.length === 3);
  expect([...steps].sort()).toEqual(["A rests", "A works", "B works"]);
  first!.look();
  await until(() => steps.length === 5);
  expect([first!.works, second!.works]).toEqual([true, false]);
});

test("when the one that works is closed, the one before goes on", async () => {
  const [first, second, third] = named("A", "B", "C");
  for (const window of [first!, second!, third!]) {
    window.look();
    await works(window);
  }
  await until(() => !first!.works && !second!.works);
  third!.close();
  await works(first!);
  first!.close();
  await works(second!);
  expect(steps.filter((step) => step.endsWith("works"))).toEqual(["A works", "B works", "C works", "A works", "B works"]);
});

test("a window that is looked at twice in one moment works once, and takes its turn later", async () => {
  const [only, other] = named("A", "B");
  only!.look();
  only!.look();
  await works(only!);
  other!.look();
  await works(other!);
  await until(() => !only!.works);
  expect([...steps].sort()).toEqual(["A rests", "A works", "B works"]);
  other!.close();
  await works(only!);
});

test("a window that is looked at because the other was closed works once", async () => {
  const [first, second, third] = named("A", "B", "C");
  for (const window of [first!, second!]) {
    window.look();
    await works(window);
  }
  await until(() => !first!.works);
  second!.close();
  first!.look();
  await works(first!);
  third!.look();
  await until(() => third!.works && !first!.works);
  expect(steps.filter((step) => step === "A works")).toHaveLength(2);
});

test("where the platform has no locks, each window that is looked at works", () => {
  vi.stubGlobal("navigator", {});
  for (const window of named("A", "B")) window.look();
  expect(steps).toEqual(["A works", "B works"]);
});

test.each([1, 2, 3, 4])("whatever is looked at and closed, exactly one works in the end (%i)", async (seed) => {
  const chance = randomly(seed);
  let open = named("A", "B", "C", "D", "E");
  const working = () => open.filter((window) => window.works);
  let looked: Window[] = [];
  while (open.length > 1) {
    const one = open[Math.floor(chance() * open.length)]!;
    if (chance() < 0.25) {
      one.close();
      open = open.filter((window) => window !== one);
      looked = looked.filter((window) => window !== one);
    } else {
      for (let looks = chance() * 3; looks > 0; looks--) one.look();
      looked = [...looked.filter((window) => window !== one), one];
      await until(() => one.works);
    }
    await until(() => working().length === Math.min(1, looked.length), "one works");
  }
});
