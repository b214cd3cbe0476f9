/** What the button says: judged, kept, acknowledged; and when it is a test. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { encodeAck } from "../src/core/frame";
import { Kind, Trigger } from "../src/core/envelope";
import { cutOff, emptyDisk, fillDisk, rowsOf } from "./support/disk";
import { BUTTON_KEY, Intake } from "./support/intake";
import { LONG, NOW_MS, type Phone, SHORT, advertised, frame, quiet, endPhones, freshIntake, workingPhone } from "./support/phones";
import { turn, until } from "./support/waiting";

let intake: Intake;
let her: Phone;

beforeEach(async () => {
  intake = await freshIntake();
  her = await workingPhone(intake);
  await quiet(her);
});
afterEach(() => endPhones(intake));

const say = async (...args: Parameters<typeof frame>) => her.radio.events!.onFrame(await frame(...args));
const broadcast = (counter: number, ...events: number[]) => her.radio.events!.onAdvertised(advertised(counter, ...events));
const acks = (...counters: number[]) => Promise.all(counters.map((counter) => encodeAck(counter, BUTTON_KEY)));
const notices = () => intake.messages(Kind.NOTICE).map(({ body }) => new TextDecoder().decode(body!));
const kept = async () => (await her.store.presses()).map(({ buttonCounter }) => buttonCounter);
const acknowledged = (count: number) => until(() => her.radio.acks.length === count);

describe("a press of the button", () => {
  test("is kept, then acknowledged, then an alarm with its true time and the button's charge", async () => {
    her.around.clockMs = NOW_MS + 500;
    await say(1, 41, 63);
    await acknowledged(1);
    expect([her.radio.acks, await kept()]).toEqual([await acks(1), [1]]);
    await until(() => intake.messages(Kind.PRESS).length);
    const battery = { phone_pct: 90, button_pct: 63 };
    expect(intake.messages(Kind.PRESS)[0]).toMatchObject({ trigger: Trigger.BUTTON, sent_at_s: NOW_MS / 1000 - 41, battery });
  });

  test("of unknown age has the time at which it was heard", async () => {
    await say(1, null);
    await until(() => intake.messages(Kind.PRESS).length);
    expect(intake.messages(Kind.PRESS)[0]).toMatchObject({ sent_at_s: NOW_MS / 1000 });
  });

  test("that comes again is one alarm and is acknowledged again", async () => {
    await say(1);
    await acknowledged(1);
    await say(1, 5);
    await acknowledged(2);
    expect([her.radio.acks, await kept(), her.told.count("stored"), her.told.heard]).toEqual([await acks(1, 1), [1], 1, 1]);
  });

  test("that is heard after a later one is an alarm all the same, once", async () => {
    await say(2);
    await say(1, 5);
    await say(1, 6);
    await acknowledged(3);
    expect([her.radio.acks, await kept(), notices()]).toEqual([await acks(2, 1, 1), [2, 1], []]);
  });

  test("is acknowledged again also after a restart, and stays one", async () => {
    await say(1);
    await acknowledged(1);
    her.engine.stop();
    her = await workingPhone(intake);
    await say(1, 9);
    await acknowledged(1);
    expect([await kept(), her.told.count("stored")]).toEqual([[1], 0]);
  });
});

describe("a press of the button and the memory: it", () => {
  test("is not acknowledged while it cannot be kept, and is when the button says it once more", async () => {
    const makeRoom = fillDisk("outbox");
    await say(1);
    await until(() => her.told.count("not stored"));
    expect([her.radio.acks, await rowsOf("press")]).toEqual([[], []]);
    makeRoom();
    await say(1, 5);
    await acknowledged(1);
    await until(() => intake.messages(Kind.PRESS).length);
  });

  test("is kept also when the platform took the memory's connection away", async () => {
    cutOff(her.store["database"]);
    await say(1);
    await acknowledged(1);
    await until(() => intake.messages(Kind.PRESS).length);
    expect([await kept(), her.told.count("not stored")]).toEqual([[1], 0]);
  });

  test("rule 22: is said not to be kept, and not acknowledged, when the memory was cleared and the keys are gone", async () => {
    emptyDisk();
    cutOff(her.store["database"]);
    await say(1);
    await until(() => her.told.count("not stored"));
    await her.engine.pressOnScreen();
    expect([her.told.count("not stored"), her.radio.acks, her.told.count("stored")]).toEqual([2, [], 0]);
  });

  test("is not lost among others that the button says in the same moment", async () => {
    const counters = Array.from({ length: 16 }, (_, at) => at + 1);
    const frames = await Promise.all(counters.map((counter) => frame(counter)));
    // The first ones are proven last, as it happens where many threads do it.
    const encrypt = crypto.subtle.encrypt.bind(crypto.subtle);
    let rounds = 100;
    vi.spyOn(crypto.subtle, "encrypt").mockImplementation(async (...args) => {
      for (let left = (rounds -= 10); left > 0; left--) await turn();
      return encrypt(...args);
    });
    for (const said of frames) her.radio.events!.onFrame(said);
    await acknowledged(16);
    expect([await kept(), her.radio.acks]).toEqual([counters, await acks(...counters)]);
    await until(() => new Set(intake.messages(Kind.PRESS).map(({ counter }) => counter)).size === 16);
  });
});

describe("what the button did not say now", () => {
  test("is refused when it was heard long ago, not acknowledged, and told to the zone once an hour", async () => {
    await say(105);
    await acknowledged(1);
    await say(3);
    await until(() => notices().length === 1);
    her.around.clockMs += 3_599_999;
    await say(2);
    await say(105);
    await acknowledged(2);
    her.around.clockMs += 1;
    await say(2);
    await until(() => notices().length === 2);
    await quiet(her);
    expect([await kept(), her.radio.acks, notices(), her.told.heard]).toEqual([[105], await acks(105, 105), ["button-frame-refused", "button-frame-refused"], 1]);
  });

  test("is refused when another button says it, not acknowledged, and told to the zone", async () => {
    await say(1, 0, 80, new Uint8Array(16));
    her.radio.events!.onFrame(new Uint8Array(3));
    await until(() => notices().length);
    expect([await kept(), her.radio.acks, notices(), await her.store.buttonHighest()]).toEqual([[], [], ["button-frame-refused"], 0]);
  });
});

describe("a button that only broadcasts", () => {
  test("raises an alarm by a long press, once for all its copies", async () => {
    for (let copy = 0; copy < 4; copy++) broadcast(7, LONG);
    await until(() => her.told.count("receipt") && intake.messages(Kind.PRESS).length);
    broadcast(7, LONG);
    broadcast(8, LONG);
    await until(async () => (await kept()).length === 2);
    await until(() => her.told.heard === 2);
    expect([await kept(), notices()]).toEqual([[7, 8], []]);
  });

  test("raises none by a short one, which still counts", async () => {
    broadcast(7, SHORT);
    await until(async () => (await her.store.buttonHighest()) === 7);
    broadcast(6, LONG);
    await until(() => notices().length);
    expect([await kept(), notices(), her.engine.buttonPct]).toEqual([[], ["button-frame-refused"], 60]);
  });

  test("is heard also after something that could not be kept", async () => {
    const makeRoom = fillDisk("phone");
    broadcast(7, SHORT);
    await until(() => her.told.count("not stored"));
    makeRoom();
    broadcast(8, LONG);
    await until(() => intake.messages(Kind.PRESS).length);
    expect(await kept()).toEqual([8]);
  });

  test("says a press for a moment only, so it is tried until there is room", async () => {
    const makeRoom = fillDisk("outbox");
    broadcast(7, LONG);
    await until(() => her.told.count("not stored"));
    vi.advanceTimersByTime(1000);
    await until(() => her.told.count("not stored") === 2);
    makeRoom();
    vi.advanceTimersByTime(1000);
    await until(() => intake.messages(Kind.PRESS).length);
    expect(await kept()).toEqual([7]);
  });
});

// A hold of two seconds begins when the test is armed.
const arm = () => {
  her.engine.armTest(NOW_MS + 120_000);
  her.around.clockMs += 2000;
};
const kinds = () => [intake.messages(Kind.TEST).length, intake.messages(Kind.PRESS).length];

describe("rule 20: a test", () => {
  test("is the one press after it was armed; the next is real", async () => {
    arm();
    await say(1);
    await until(() => intake.messages(Kind.TEST).length);
    await say(2);
    await until(() => intake.messages(Kind.PRESS).length);
    expect([kinds(), her.radio.acks]).toEqual([[1, 1], await acks(1, 2)]);
  });

  test("on the screen is one press too", async () => {
    arm();
    await her.engine.pressOnScreen();
    await her.engine.pressOnScreen();
    await until(() => intake.messages(Kind.PRESS).length && intake.messages(Kind.TEST).length);
    expect([kinds(), intake.messages(Kind.TEST)[0]!.trigger]).toEqual([[1, 1], Trigger.SCREEN]);
  });

  test("of a button that broadcasts is one press too", async () => {
    arm();
    for (const counter of [1, 1, 2]) broadcast(counter, LONG);
    await until(() => intake.messages(Kind.PRESS).length && intake.messages(Kind.TEST).length);
    expect(kinds()).toEqual([1, 1]);
  });

  test("that cannot be kept is said, and not acknowledged", async () => {
    arm();
    const makeRoom = fillDisk("outbox");
    await say(1);
    await until(() => her.told.count("not stored"));
    makeRoom();
    expect(her.radio.acks).toEqual([]);
  });
});

describe("rule 20: an armed test", () => {
  test.each([
    ["may have been made before it was armed", () => say(1, 2)],
    ["is of unknown age", () => say(1, null)],
  ])("does not hide a press that %s, and is over with it", async (_what, press) => {
    arm();
    await press();
    await until(() => intake.messages(Kind.PRESS).length === 1);
    await say(2);
    await until(() => intake.messages(Kind.PRESS).length === 2);
    expect(kinds()).toEqual([0, 2]);
  });

  test.each([
    ["two minutes", () => void (her.around.clockMs += 120_000)],
    ["being told so", () => her.engine.armTest(0)],
  ])("is over after %s", async (_what, end) => {
    arm();
    end();
    await say(1);
    await until(() => intake.messages(Kind.PRESS).length);
    expect(kinds()).toEqual([0, 1]);
  });

  test("is over with the page", async () => {
    arm();
    her.engine.stop();
    her = await workingPhone(intake);
    await say(1);
    await until(() => intake.messages(Kind.PRESS).length);
    expect(kinds()).toEqual([0, 1]);
  });

  test("does not hide a press while an alarm is open", async () => {
    await her.engine.pressOnScreen();
    arm();
    await say(1);
    await until(() => intake.messages(Kind.PRESS).length === 2);
    expect(kinds()).toEqual([0, 2]);
  });

  test("does not hide a press under threat, which leaves it armed for nobody", async () => {
    arm();
    await her.engine.untraced.say(Kind.PRESS, { trigger: Trigger.DURESS });
    await say(1);
    await until(() => intake.messages(Kind.PRESS).length === 2);
    expect(kinds()).toEqual([0, 2]);
  });

  test("does not hide a press when the memory cannot say whether an alarm is open", async () => {
    arm();
    vi.spyOn(IDBObjectStore.prototype, "getAll").mockImplementationOnce(() => {
      throw new DOMException("cannot be read", "DataError");
    });
    await her.engine.pressOnScreen();
    await until(() => intake.messages(Kind.PRESS).length);
    expect(kinds()).toEqual([0, 1]);
  });
});

test("rule 20: a test that an officer armed is none here, where a page is open", async () => {
  her.engine.stop();
  intake.says = { pending: [{ what: "test", text: "7:1700000600" }] };
  her = await workingPhone(intake);
  await until(() => intake.messages(Kind.HEARTBEAT).length > 1);
  her.around.clockMs += 2000;
  await say(1);
  await until(() => intake.messages(Kind.PRESS).length);
  expect([kinds(), intake.messages(Kind.NOTICE)]).toEqual([[0, 1], []]);
});
