/** The life of a press: first kept, then sent, the same bytes until a receipt verifies, whatever comes in between. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { toHex } from "../src/core/bytes";
import { Kind, Trigger, decode } from "../src/core/envelope";
import { PhoneStore } from "../src/store/store";
import { fillDisk, rowsOf } from "./support/disk";
import { type Answer, Intake, refused } from "./support/intake";
import { HERE, NOW_MS, SCREEN, phone, endPhones, freshIntake, workingPhone } from "./support/phones";
import { until } from "./support/waiting";

let intake: Intake;

beforeEach(async () => {
  intake = await freshIntake();
});
afterEach(() => endPhones(intake));

const unsent = async () => (await PhoneStore.open()).unsentPresses();
const hexes = (presses: readonly Uint8Array[]) => presses.map(toHex);

describe("a press", () => {
  test("says who, when, where, how it was raised and how the phone is", async () => {
    const { engine, told } = await phone(intake);
    await engine.pressOnScreen();
    await until(() => told.count("receipt"));
    const battery = { phone_pct: 90, button_pct: null };
    expect(intake.messages(Kind.PRESS)).toEqual([{ ...SCREEN, counter: 1, sent_at_s: NOW_MS / 1000, position: HERE, battery, link: 3 }]);
  });

  test("is on the disk before it is sent and before anybody hears of it", async () => {
    let onDisk = 0;
    intake.script = async ({ kind }) => {
      if (kind === Kind.PRESS) onDisk = (await unsent()).length;
      return null;
    };
    const { engine, told } = await phone(intake);
    const pressing = engine.pressOnScreen();
    expect(told.steps).toEqual([]);
    await pressing;
    expect([told.steps[0], (await unsent()).length]).toEqual(["stored 1", 1]);
    await until(() => told.count("receipt"));
    expect([onDisk, await unsent()]).toEqual([1, []]);
  });

  test("on the screen that cannot be kept is not sent, is said not to be kept, and is tried until there is room", async () => {
    const { engine, around, told, pauses } = await phone(intake);
    const makeRoom = fillDisk();
    await engine.pressOnScreen();
    await until(() => pauses().length === 1);
    around.clockMs += 60_000;
    engine.tryNow();
    await until(() => pauses().length === 2);
    expect([told.steps, intake.presses]).toEqual([["not stored", "not stored"], []]);
    makeRoom();
    engine.tryNow();
    await until(() => told.count("receipt"));
    // It says when it was made, not when there was room.
    expect(intake.messages(Kind.PRESS)).toMatchObject([{ trigger: Trigger.SCREEN, sent_at_s: NOW_MS / 1000 }]);
  });
});

// Whatever a server, or something in its place, may say.
const refusals: Answer[] = [
  ...[400, 401, 404, 409, 413, 429, 500, 503, 507].map((status) => refused(status)),
  { status: 201, body: "thanks" }, { status: 200, body: "{}" }, { status: 302, location: "/elsewhere" }, "cut", "cut-late",
];

describe("a press that is kept", () => {
  test("outlives every answer that is no receipt, with the same bytes", async () => {
    intake.plan(Kind.PRESS, ...refusals);
    const { engine, told, pauses } = await phone(intake);
    await engine.pressOnScreen();
    for (let count = 1; count <= refusals.length; count++) {
      await until(() => pauses().length === count);
      expect((await unsent()).length).toBe(1);
      engine.tryNow();
    }
    await until(() => told.count("receipt"));
    expect(intake.presses).toHaveLength(refusals.length + 1);
    expect(new Set(hexes(intake.presses)).size).toBe(1);
    expect(await unsent()).toEqual([]);
  });

  test("that was interrupted between keeping and sending goes out from the next life, as it was", async () => {
    const dead = await workingPhone(intake, {}, ["http://127.0.0.1:1"]);
    await dead.engine.pressOnScreen();
    const [kept] = await unsent();
    dead.engine.stop();
    const { told } = await workingPhone(intake);
    await until(() => told.count(`receipt ${kept!.counter}`));
    expect(intake.presses).toEqual([kept!.data]);
    expect(decode(kept!.data).message.counter).toBe(kept!.counter);
  });

  test("whose receipt was lost on the way is one alarm", async () => {
    intake.script = async ({ kind }, data) => {
      if (kind !== Kind.PRESS || intake.presses.length > 1) return null;
      await intake.receipt(data);
      return "cut";
    };
    const { engine, store, told, pauses } = await phone(intake);
    await engine.pressOnScreen();
    await until(() => pauses().length === 1);
    engine.tryNow();
    await until(() => told.count("receipt"));
    expect((await store.presses()).map(({ alarm, state }) => [alarm, state])).toEqual([[`${toHex(store.key.kid)}-1`, "received"]]);
  });

  test("whose receipt cannot be kept is sent again until there is room", async () => {
    let makeRoom: () => void;
    intake.script = () => {
      if (intake.presses.length === 1) makeRoom = fillDisk();
      return null;
    };
    const { engine, told, pauses } = await phone(intake);
    await engine.pressOnScreen();
    await until(() => pauses().length === 1);
    expect(told.steps).toEqual(["stored 1", "not stored"]);
    makeRoom!();
    expect((await unsent()).length).toBe(1);
    engine.tryNow();
    await until(() => told.count("receipt"));
    expect([intake.presses.length, (await unsent()).length]).toEqual([2, 0]);
  });
});

describe("a press among others", () => {
  test("does not wait for another that is refused or gets no answer", async () => {
    intake.plan(Kind.PRESS, "mute", refused(500));
    const { engine, told } = await phone(intake);
    await engine.pressOnScreen();
    await until(() => intake.presses.length === 1);
    await engine.pressOnScreen();
    await until(() => told.count("refused"));
    await engine.pressOnScreen();
    await until(() => told.count("receipt 3"));
    expect((await unsent())[0]?.counter).toBe(1);
  });

  test("makes those that wait try again at once", async () => {
    intake.plan(Kind.PRESS, refused(500));
    const { engine, told, pauses } = await phone(intake);
    await engine.pressOnScreen();
    await until(() => pauses().length === 1);
    await engine.pressOnScreen();
    await until(() => told.count("receipt 1") && told.count("receipt 2"));
  });

  test("takes the next road where the first is dead", async () => {
    const { engine, told } = await phone(intake, {}, ["http://127.0.0.1:1", intake.url]);
    await engine.pressOnScreen();
    await until(() => told.count("receipt 1"));
    expect(told.count("unreachable")).toBe(0);
  });
});

test("between two attempts a press pauses longer each time, and never longer than 15 seconds", async () => {
  vi.spyOn(Math, "random").mockReturnValue(1);
  intake.script = () => refused(503);
  const { engine, pauses } = await phone(intake);
  await engine.pressOnScreen();
  for (let count = 1; count <= 8; count++) {
    await until(() => pauses().length === count);
    expect(intake.presses).toHaveLength(count);
    vi.advanceTimersByTime(pauses().at(-1)!);
  }
  expect(pauses()).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
});

describe("when it ends", () => {
  test("the radio is told, and what is unsent stays", async () => {
    intake.plan(Kind.PRESS, refused(500));
    const { engine, radio, told } = await workingPhone(intake);
    await engine.pressOnScreen();
    await until(() => told.count("refused"));
    engine.stop();
    expect(radio.isStopped).toBe(true);
    expect((await rowsOf("press")).length).toBe(1);
  });

  test("while it begins, the button is not listened to any more", async () => {
    const { engine, radio } = await phone(intake);
    const starting = engine.start();
    engine.stop();
    await starting;
    expect(radio.events).toBeNull();
  });

  test("what waits for its next attempt is left to the next life", async () => {
    intake.plan(Kind.PRESS, refused(500));
    const { engine, pauses, told } = await phone(intake);
    await engine.pressOnScreen();
    await until(() => pauses().length === 1);
    engine.stop();
    const next = await workingPhone(intake);
    await until(() => next.told.count("receipt 1"));
    expect([intake.presses.length, told.count("receipt")]).toEqual([2, 0]);
  });

  test("a press on a page that rests is kept and sent all the same", async () => {
    const { engine, radio, told } = await phone(intake);
    await engine.pressOnScreen();
    await until(() => told.count("receipt"));
    expect(radio.events).toBeNull();
  });
});
