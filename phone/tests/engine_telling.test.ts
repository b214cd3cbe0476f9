/** All that is no press: where she is, that the phone lives, what she did; in its turn, and never in a press's way. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { utf8 } from "../src/core/bytes";
import { type Settings } from "../src/core/enrolment";
import { Kind, type Message, Trigger } from "../src/core/envelope";
import { fillDisk, rowsOf } from "./support/disk";
import { type Answer, Intake, limited, refused } from "./support/intake";
import { HERE, type Phone, phone, quiet, endPhones, freshIntake, workingPhone } from "./support/phones";
import { until } from "./support/waiting";

let intake: Intake;

beforeEach(async () => {
  intake = await freshIntake();
});
afterEach(() => endPhones(intake));

const waitingRows = async () => (await rowsOf("outbox")).length;

/** A phone at work, whose first heartbeat has its receipt. */
async function atRest(settings: Partial<Settings> = {}): Promise<Phone> {
  const her = await workingPhone(intake, settings);
  await quiet(her);
  return her;
}

/** Lets the pause before the next word of how things are end, and the word arrive. */
async function nextWord(her: Phone, kind: Kind): Promise<Message> {
  await quiet(her);
  const before = intake.messages(kind).length;
  vi.advanceTimersByTime(her.waits().at(-1)!);
  await intake.came(kind, before + 1);
  await quiet(her);
  return intake.messages(kind).at(-1)!;
}

describe("at rest", () => {
  test("a heartbeat says in its interval that the phone lives, and not where", async () => {
    const her = await atRest({ heartbeat_interval_s: 300 });
    for (let count = 2; count <= 3; count++) {
      expect(her.waits().at(-1)).toBe(300_000);
      const beat = await nextWord(her, Kind.HEARTBEAT);
      expect(beat).toMatchObject({ position: null, press: null, battery: { phone_pct: 90, button_pct: 70 }, link: 3 });
    }
    expect(intake.messages(Kind.POSITION)).toEqual([]);
    expect(her.around.followed).toEqual([false]);
  });

  test("it comes at once when the way is to be proved, or when the button's link changes", async () => {
    const her = await atRest();
    her.engine.tellNow();
    await intake.came(Kind.HEARTBEAT, 2);
    her.radio.isConnected = false;
    her.radio.events!.onLink(false);
    await intake.came(Kind.HEARTBEAT, 3);
    expect(intake.messages(Kind.HEARTBEAT).at(-1)).toMatchObject({ link: 1, battery: { button_pct: 70 } });
  });

  test("what stands in the way of help is said with it", async () => {
    const her = await phone(intake);
    Object.assign(her.around, { place: null, isPositionRefused: true, isMicrophoneRefused: true });
    Object.assign(her.radio, { isPaired: false, isConnected: false });
    await her.engine.start();
    await intake.came(Kind.HEARTBEAT);
    expect(intake.messages(Kind.HEARTBEAT)[0]).toMatchObject({ link: 4 | 16, battery: { button_pct: null } });
  });

  test("only the newest waits where nothing gets through", async () => {
    intake.script = () => "cut";
    const her = await workingPhone(intake);
    for (let count = 1; count <= 3; count++) {
      await until(() => her.waits().length === count);
      her.engine.tellNow();
    }
    await until(() => her.waits().length === 4);
    expect((await rowsOf("outbox")).map((row) => (row as { counter: number }).counter)).toEqual([4]);
  });
});

describe("in an alarm", () => {
  test("her place is told at once, every second for a while, and then in its interval", async () => {
    const her = await atRest({ position_interval_s: 5 });
    await her.engine.pressOnScreen();
    await quiet(her);
    while (intake.messages(Kind.POSITION).length < 12) await nextWord(her, Kind.POSITION);
    expect([...new Set(her.waits().slice(1))]).toEqual([1000, 5000]);
    expect(intake.messages(Kind.POSITION).every(({ press, position }) => press === 2 && position?.lat_e7 === HERE.lat_e7)).toBe(true);
    expect(her.around.followed).toEqual([false, true]);
  });

  test("it is told in its interval from when somebody has seen the alarm", async () => {
    intake.state = "acknowledged";
    const her = await atRest({ position_interval_s: 5 });
    await her.engine.pressOnScreen();
    await nextWord(her, Kind.POSITION);
    expect(her.waits().at(-1)).toBe(5000);
  });

  test("a phone without a place says that it lives, and of which alarm", async () => {
    const her = await atRest();
    her.around.place = null;
    await her.engine.pressOnScreen();
    await until(() => intake.messages(Kind.HEARTBEAT).some(({ press }) => press === 2));
    expect(intake.messages(Kind.POSITION)).toEqual([]);
    expect(intake.messages(Kind.PRESS)[0]).toMatchObject({ position: null, link: 3 | 8 });
  });

  test("it goes on for the tail after the closing, and ends then", async () => {
    intake.state = "closed";
    const her = await atRest({ position_interval_s: 5, tail_s: 60 });
    await her.engine.pressOnScreen();
    await nextWord(her, Kind.POSITION);
    her.around.clockMs += 59_999;
    await nextWord(her, Kind.POSITION);
    const positions = intake.messages(Kind.POSITION).length;
    her.around.clockMs += 1;
    expect(await nextWord(her, Kind.HEARTBEAT)).toMatchObject({ press: null });
    expect([intake.messages(Kind.POSITION).length, her.around.followed]).toEqual([positions, [false, true, false]]);
  });

  test("every change of it is news once", async () => {
    const her = await atRest();
    await her.engine.pressOnScreen();
    await quiet(her);
    for (const state of ["received", "acknowledged", "acknowledged", "closed"]) {
      intake.state = state;
      await nextWord(her, Kind.POSITION);
    }
    expect(her.told.steps.filter((step) => step.startsWith("state"))).toEqual(["state received", "state acknowledged", "state closed"]);
  });
});

describe("a press goes before it", () => {
  test("nothing else is sent while a press is on its way", async () => {
    let answer: (given: Answer | null) => void;
    intake.script = ({ kind }) => (kind === Kind.PRESS ? new Promise((resolve) => (answer = resolve)) : null);
    const her = await atRest();
    await her.engine.pressOnScreen();
    await intake.came(Kind.PRESS);
    await her.engine.say(Kind.TEXT, utf8("weapon"));
    await until(async () => (await waitingRows()) === 2 && her.engine["presses"].clear["waiting"].size);
    expect([intake.messages(Kind.TEXT), intake.messages(Kind.POSITION)]).toEqual([[], []]);
    answer!(null);
    await quiet(her);
    // The first place goes with the receipt: its answer says how far the alarm is.
    expect([intake.messages(Kind.TEXT).length, intake.messages(Kind.POSITION).length]).toEqual([1, 1]);
  });

  test("while a press waits for its next attempt the rest goes on", async () => {
    intake.plan(Kind.PRESS, refused(500));
    const her = await atRest();
    await her.engine.pressOnScreen();
    await her.engine.say(Kind.TEXT, utf8("weapon"));
    await until(() => her.pauses().length === 1 && intake.messages(Kind.TEXT).length);
    expect(intake.presses).toHaveLength(1);
  });
});

describe("what she says", () => {
  test("belongs to the alarm that is open, or to none", async () => {
    const her = await atRest();
    await her.engine.say(Kind.TEXT, utf8("there"));
    await intake.came(Kind.TEXT);
    await her.engine.pressOnScreen();
    await her.engine.say(Kind.CANCEL, utf8("safe"), Trigger.DURESS);
    await intake.came(Kind.CANCEL);
    expect(intake.messages(Kind.TEXT)[0]).toMatchObject({ press: null, body: utf8("there") });
    expect(intake.messages(Kind.CANCEL)[0]).toMatchObject({ press: intake.messages(Kind.PRESS)[0]!.counter, trigger: Trigger.DURESS });
  });

  test("rule 8: that she is safe ends nothing here: the trail goes on", async () => {
    const her = await atRest();
    await her.engine.pressOnScreen();
    await quiet(her);
    await her.engine.say(Kind.CANCEL, utf8("safe"), Trigger.SCREEN);
    await intake.came(Kind.CANCEL);
    await nextWord(her, Kind.POSITION);
    expect([await her.store.openPress(), her.around.followed]).toMatchObject([{ counter: 2 }, [false, true]]);
  });

  test("that cannot be kept is said not to be kept, and breaks nothing", async () => {
    const her = await atRest();
    const makeRoom = fillDisk("outbox");
    await her.engine.say(Kind.TEXT, utf8("weapon"));
    await her.engine.note("position-refused");
    makeRoom();
    expect(her.told.count("not stored")).toBe(2);
    await her.engine.say(Kind.TEXT, utf8("weapon"));
    await intake.came(Kind.TEXT);
  });
});

describe("what the zone should know", () => {
  test("is noted without a place", async () => {
    const her = await atRest();
    await her.engine.note("app-version:1");
    await intake.came(Kind.NOTICE);
    expect(intake.messages(Kind.NOTICE)[0]).toMatchObject({ position: null, press: null, body: utf8("app-version:1") });
  });

  test("of the button is told once an hour, each thing by itself", async () => {
    const her = await atRest();
    const trouble = her.radio.events!.onTrouble;
    for (const notice of ["button-unpaired", "button-findable", "button-unpaired"] as const) trouble(notice);
    await intake.came(Kind.NOTICE, 2);
    her.around.clockMs += 3_600_000;
    trouble("button-unpaired");
    await intake.came(Kind.NOTICE, 3);
    await quiet(her);
    expect(intake.bodies(Kind.NOTICE).sort()).toEqual(["button-findable", "button-unpaired", "button-unpaired"]);
  });
});

describe("what is refused", () => {
  test.each([2, 9])("does not hold up what is not, after %i refusals", async (times) => {
    intake.script = ({ kind }) => (kind === Kind.TEXT ? refused(409) : null);
    const her = await atRest();
    await her.engine.say(Kind.TEXT, utf8("weapon"));
    for (let count = 1; count < times; count++) {
      await until(() => her.pauses().length === count);
      her.engine.tryNow();
    }
    await until(() => her.pauses().length === times);
    await her.engine.note("app-version:1");
    await intake.came(Kind.NOTICE);
    await until(async () => (await waitingRows()) === 1);
    expect(await her.store.nextOther()).toMatchObject({ kind: Kind.TEXT, refused: 409 });
  });

  test("is sent again as it is, less often at rest than in an alarm", async () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    intake.script = ({ kind }) => (kind === Kind.PRESS ? null : refused(500));
    const her = await workingPhone(intake);
    for (let count = 1; count < 12; count++) {
      await until(() => her.pauses().length === count);
      her.engine.tryNow();
    }
    await until(() => her.pauses().length === 12);
    const expected = [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000];
    expect([her.pauses(), new Set(intake.messages(Kind.HEARTBEAT).map(({ counter }) => counter)).size]).toEqual([expected, 1]);
    await her.engine.pressOnScreen();
    await until(() => her.pauses().length > 12);
    expect(her.pauses().at(-1)).toBe(15_000);
  });
});

describe("a limit of the server", () => {
  /** Until the phone waits for it to pass. */
  const waits = (timers: number) => until(() => vi.getTimerCount() === timers + 1);

  test("is of the phone: what was limited goes next, when the server says, and nothing is refused", async () => {
    const her = await atRest();
    const timers = vi.getTimerCount();
    intake.plan(Kind.NOTICE, limited("3"));
    await her.engine.note("first");
    await her.engine.note("second");
    await waits(timers);
    vi.advanceTimersByTime(2999);
    expect(intake.bodies(Kind.NOTICE)).toEqual(["first"]);
    vi.advanceTimersByTime(1);
    await intake.came(Kind.NOTICE, 3);
    expect([intake.bodies(Kind.NOTICE), her.told.count("refused"), her.pauses()]).toEqual([["first", "first", "second"], 0, []]);
  });

  test("holds up no press", async () => {
    const her = await atRest();
    const timers = vi.getTimerCount();
    intake.plan(Kind.NOTICE, limited("3"));
    await her.engine.note("first");
    await waits(timers);
    await her.engine.pressOnScreen();
    await until(() => her.told.count("receipt 3"));
    expect(intake.messages(Kind.NOTICE)).toHaveLength(1);
  });

  test("that is told again to who waited for a minute is a refusal: shown, and it does not hold up others", async () => {
    const her = await atRest();
    const timers = vi.getTimerCount();
    intake.plan(Kind.NOTICE, limited("1"), ...Array(4).fill(limited("3600")), limited("1"));
    await her.engine.note("first");
    await her.engine.note("second");
    for (const ms of [1000, 15_000, 15_000, 15_000, 15_000]) {
      await waits(timers);
      expect(her.told.count("refused")).toBe(0);
      vi.advanceTimersByTime(ms);
    }
    await intake.came(Kind.NOTICE, 8);
    expect([intake.bodies(Kind.NOTICE), her.told.count("refused 429")]).toEqual([[...Array(6).fill("first"), "second", "first"], 1]);
  });
});

test("a disk that was full for a while does not end the trail", async () => {
  const her = await atRest({ position_interval_s: 5 });
  await her.engine.pressOnScreen();
  await quiet(her);
  const makeRoom = fillDisk("outbox");
  her.engine.tellNow();
  await until(() => her.told.count("not stored"));
  makeRoom();
  await nextWord(her, Kind.POSITION);
  expect(her.told.count("not stored")).toBe(1);
});
