/** Servers that can take nothing now: what waits keeps its order, and nothing is held up that they would take. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { utf8 } from "../src/core/bytes";
import { Kind } from "../src/core/envelope";
import { Away } from "../src/engine/away";
import { rowsOf } from "./support/disk";
import { Intake, away } from "./support/intake";
import { type Phone, endPhones, freshIntake, quiet, workingPhone } from "./support/phones";
import { until } from "./support/waiting";

let intake: Intake;

beforeEach(async () => {
  intake = await freshIntake();
});
afterEach(() => endPhones(intake));

const waitingRows = async () => (await rowsOf("outbox")).length;

/** A phone at work, whose first heartbeat has its receipt. */
async function atRest(): Promise<Phone> {
  const her = await workingPhone(intake);
  await quiet(her);
  return her;
}

const isAway = (...kinds: Kind[]) => (intake.script = ({ kind }) => (kinds.includes(kind) ? away(503) : null));
/** Until so many were not taken, and what is like the last one waits. */
const waits = (her: Phone, times: number) => until(() => her.told.count("refused") === times && her.engine["others"]["away"].kinds.size > 0);
const pass = (ms: number) => vi.advanceTimersByTime(ms);

describe("servers that are away", () => {
  test.each([502, 503, 504, 507])("say nothing of a message (%i): all goes in its order once they are back", async (status) => {
    const her = await atRest();
    intake.script = () => away(status, "3");
    for (const word of ["first", "second", "third"]) await her.engine.note(word);
    await waits(her, 1);
    pass(2999);
    expect([intake.bodies(Kind.NOTICE), her.told.steps.at(-1), her.pauses()]).toEqual([["first"], `refused ${status}`, []]);
    intake.script = () => null;
    pass(1);
    await intake.came(Kind.NOTICE, 4);
    expect(intake.bodies(Kind.NOTICE)).toEqual(["first", "first", "second", "third"]);
  });

  test("are waited for longer each time, and not at all once she presses", async () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    const her = await atRest();
    isAway(Kind.NOTICE);
    await her.engine.note("first");
    const expected = [1000, 1000, 2000, 4000, 8000, 16_000];
    for (const [at, ms] of expected.entries()) {
      await waits(her, at + 1);
      pass(ms - 1);
      expect(intake.bodies(Kind.NOTICE)).toHaveLength(at + 1);
      pass(1);
    }
    await waits(her, expected.length + 1);
    await her.engine.pressOnScreen();
    await intake.came(Kind.NOTICE, expected.length + 2);
  });

  test("hold up no press, nor what they would take", async () => {
    const her = await atRest();
    isAway(Kind.NOTICE);
    await her.engine.note("first");
    await waits(her, 1);
    await her.engine.pressOnScreen();
    await her.engine.say(Kind.TEXT, utf8("weapon"));
    await intake.came(Kind.PRESS);
    await intake.came(Kind.TEXT);
    expect(new Set(intake.bodies(Kind.NOTICE))).toEqual(new Set(["first"]));
  });
});

test("servers that take others and never this one mean the message, and the next of its kind has its turn", async () => {
  const her = await atRest();
  intake.script = ({ body }) => (body && new TextDecoder().decode(body) === "first" ? away(503) : null);
  await her.engine.note("first");
  await her.engine.note("second");
  for (let times = 1; times < 10; times++) {
    await waits(her, times);
    const taken = her.told.count("receipt");
    her.engine.tellNow();
    await until(() => her.told.count("receipt") === taken + 1 && her.engine["others"]["away"]["isNear"]);
    expect(intake.bodies(Kind.NOTICE)).not.toContain("second");
    pass(1000);
  }
  await until(async () => intake.bodies(Kind.NOTICE).includes("second") && (await waitingRows()) === 1);
  expect(await her.store.nextOther()).toMatchObject({ kind: Kind.NOTICE, refused: 503 });
});

test("what is asked only behind another kind that waits is never meant", () => {
  const waiting = new Away(() => undefined);
  const notice = { counter: 1, kind: Kind.NOTICE, data: new Uint8Array(), refused: 0 };
  for (let times = 0; times < 100; times++) {
    waiting.wait(Kind.POSITION, 1000);
    expect(waiting.means(notice)).toBe(false);
    waiting.end();
    waiting.noteTaken();
  }
});
