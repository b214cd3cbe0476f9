/** What the app shows and keeps to itself, without a page: the engine, the store and the codes are real. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Kind, Trigger } from "../src/core/envelope";
import { LinkFlag } from "../src/core/link";
import type { App } from "../src/ui/app";
import { chooseCodes } from "../src/ui/entering";
import { emptyDisk, fillDisk } from "./support/disk";
import { type Intake, refused } from "./support/intake";
import { endPage, freshPage, openApp } from "./support/pages";
import { PlayedRecorder } from "./support/platform";
import { until } from "./support/waiting";

const PIN = "1357";
const DURESS = "2468";

let intake: Intake;
let app: App;
let vibrations: number[][];

beforeEach(async () => {
  intake = await freshPage();
  vibrations = [];
  Object.assign(navigator, { vibrate: (pattern: number[]) => vibrations.push(pattern) });
  app = await enrolled();
});
afterEach(() => endPage(app, intake));

/** A phone that was set up with both codes. */
async function enrolled(): Promise<App> {
  const fresh = await openApp(intake);
  await fresh.chosen.change({ vibrates: true });
  await chooseCodes(fresh, PIN, DURESS, intake.enrolment());
  fresh.engine?.stop();
  return openApp(intake);
}

async function reopen(): Promise<void> {
  app.engine?.stop();
  app = await openApp(intake);
}

/** A press that the server has. */
async function press(): Promise<void> {
  await app.pressOnScreen();
  await until(() => app.alarm.state === "received");
}

/** The next word of the server, with what it says besides. */
async function hear(state: string, ...pending: { what: string; text?: string }[]): Promise<void> {
  Object.assign(intake, { state, says: { pending } });
  const before = intake.messages(Kind.POSITION).length + intake.messages(Kind.HEARTBEAT).length;
  app.engine!.tellNow();
  app.engine!.untraced.tryNow();
  await until(() => intake.messages(Kind.POSITION).length + intake.messages(Kind.HEARTBEAT).length > before);
  await until(async () => (await app.store.nextOther()) === null && app.engine!["told"]["waiting"].size);
}

/** All that somebody who holds the phone can see and feel. */
function seen(): object {
  const { showsAlarm, saysCancelled, question, smsLinks, trouble } = app.alarm;
  const { warns, checks, honesty, testIsDue } = app.standing;
  return { showsAlarm, saysCancelled, question, warns, checks, honesty, smsLinks, testIsDue, trouble, vibrations };
}

describe("an alarm", () => {
  test("shows how far it is, and she feels it", async () => {
    await press();
    expect([app.alarm.showsAlarm, vibrations]).toEqual([true, [[200]]]);
    await hear("acknowledged", { what: "seen" });
    expect([app.alarm.state, vibrations.length]).toEqual(["acknowledged", 2]);
    await hear("acknowledged", { what: "text", text: "weapon" });
    expect(app.alarm.question).toBe("weapon");
    for (const step of ["under-way", "on-site", "", "nowhere"]) {
      await hear("acknowledged", ...(step ? [{ what: "team", text: step }] : []));
      expect(app.alarm.teamStep).toBe(step === "nowhere" ? "" : step);
    }
    await hear("acknowledged", { what: "team", text: "under-way" });
    await hear("closed", { what: "closed" });
    await until(() => app.alarm.state === "");
    expect([app.alarm.question, app.alarm.teamStep, app.alarm.showsAlarm, vibrations.length]).toEqual(["", "", false, 2]);
  });

  test("rule 40: is not called received while a machine only keeps it", async () => {
    let isKept = true;
    intake.script = async ({ kind }, data) => {
      if (!isKept || kind !== Kind.PRESS) return null;
      Object.assign(intake, { says: { seq: 0, alarm: "", state: "kept" } });
      return { status: 202, body: JSON.stringify(await intake.receipt(data)) };
    };
    await app.pressOnScreen();
    await until(() => app.alarm.trouble === "kept");
    expect([app.alarm.state, vibrations]).toEqual(["stored", []]);
    isKept = false;
    intake.says = {};
    // Its pause may be about to begin.
    await until(() => {
      app.engine!.tryNow();
      return app.alarm.state === "received";
    });
    expect([app.alarm.trouble, vibrations]).toEqual(["", [[200]]]);
  });

  test("rule 40: goes on after a reload as it stood, and promises no more", async () => {
    await press();
    await reopen();
    // Nobody knows which code was entered in it before: nothing shows or is felt until her own is.
    await hear("acknowledged", { what: "seen" });
    expect([app.alarm.state, app.alarm.showsAlarm, vibrations.length]).toEqual(["acknowledged", false, 1]);
    expect(await app.enter(PIN)).toBe("own");
    expect([app.alarm.state, app.alarm.showsAlarm, vibrations.length]).toEqual(["acknowledged", true, 1]);
  });
});

/** What shows after this code in an alarm, whatever the server says then, and after a reload. */
async function after(code: string): Promise<object[]> {
  // What her page said before: a test, something to look at, a question.
  expect(await app.enter(PIN)).toBe("own");
  await app.codes.note({ testedAtMs: app.platform.nowMs() });
  await hear("received", { what: "check", text: "microphone" });
  expect([app.standing.checks, app.standing.testIsDue]).toEqual([["microphone"], false]);
  await press();
  await hear("received", { what: "text", text: "weapon" });
  expect(app.alarm.question).toBe("weapon");
  expect(await app.cancel(code)).toBe(code === PIN ? "own" : "threat");
  const looks = [seen()];
  await hear("acknowledged", { what: "seen" }, { what: "text", text: code === PIN ? "weapon" : "safe" });
  looks.push(seen());
  await reopen();
  await hear("acknowledged");
  return [...looks, seen()];
}

describe("rule 8: a code under threat in an alarm", () => {
  test.each([PIN, DURESS])("rule 40: nobody is said to know of a code that did not arrive (%s)", async (code) => {
    await press();
    intake.plan(Kind.CANCEL, "cut", "cut");
    expect([await app.cancel(code), app.alarm.saysCancelled, app.alarm.showsAlarm]).toEqual(["offline", false, false]);
    await until(() => {
      app.engine!.tryNow();
      return app.alarm.saysCancelled;
    });
    expect(intake.messages(Kind.CANCEL).length).toBe(3);
  });

  test("looks like her own, and is told as what it is", async () => {
    const own = await after(PIN);
    app.engine?.stop();
    emptyDisk();
    vibrations = [];
    intake.state = "received";
    app = await enrolled();
    expect(await after(DURESS)).toEqual(own);
    expect(intake.messages(Kind.CANCEL).map(({ trigger }) => trigger)).toEqual([Trigger.SCREEN, Trigger.DURESS]);
    expect(vibrations).toEqual([[200]]);
  });

  test("is taken like her own also when nothing can be kept", async () => {
    const looks = [];
    for (const code of [PIN, DURESS]) {
      await press();
      await hear("received");
      const makeRoom = fillDisk();
      expect(await app.cancel(code)).toBe(code === PIN ? "own" : "threat");
      looks.push(seen());
      makeRoom();
      await hear("closed");
      await until(() => app.alarm.state === "" && app.alarm.quiet === "");
      intake.state = "received";
      vibrations = [];
    }
    expect(looks[1]).toEqual(looks[0]);
  });

  test("is no other code: a wrong one tells nothing and opens nothing", async () => {
    await hear("received");
    const sent = intake.got.length;
    expect([await app.enter("0000"), await app.cancel("0000"), intake.got.length, app.alarm.isMuted]).toEqual(["wrong", "wrong", sent, false]);
  });
});

describe("rule 8: a code under threat at rest", () => {
  test("is a silent alarm that shows nowhere, until it is closed", async () => {
    await hear("received");
    const before = seen();
    expect(await app.enter(DURESS)).toBe("threat");
    expect(intake.presses.length).toBe(1);
    await hear("acknowledged", { what: "text", text: "safe" });
    expect([seen(), app.alarm.isMuted]).toEqual([before, true]);
    expect(intake.messages(Kind.PRESS).map(({ trigger }) => trigger)).toEqual([Trigger.DURESS]);
    await hear("closed");
    await until(() => !app.alarm.isMuted);
    await press();
    expect([app.alarm.showsAlarm, vibrations]).toEqual([true, [[200]]]);
  });

  test("shows nothing of what the page said before, to her own code either", async () => {
    expect(await app.enter(PIN)).toBe("own");
    await hear("received", { what: "check", text: "microphone" });
    expect([app.standing.checks, app.standing.warns]).toEqual([["microphone"], true]);
    expect(await app.enter(DURESS)).toBe("threat");
    const looks = [seen()];
    expect(await app.enter(PIN)).toBe("own");
    looks.push(seen());
    for (const look of looks) expect(look).toMatchObject({ checks: [], warns: false, showsAlarm: false, saysCancelled: false });
    await hear("closed");
    await until(() => !app.alarm.isMuted);
    expect(app.standing.checks).toEqual([]);
  });

  test("rule 20: a test that is asked for then is a press, and looks like a test", async () => {
    expect(await app.enter(DURESS)).toBe("threat");
    expect(await app.enter(PIN)).toBe("own");
    app.armTest(app.platform.nowMs());
    await app.pressOnScreen();
    await until(() => app.testStep === "received");
    expect([intake.messages(Kind.TEST).length, intake.messages(Kind.PRESS).length]).toEqual([0, 2]);
    expect([app.alarm.showsAlarm, vibrations]).toEqual([false, []]);
  });

  test("is taken also when nothing can be kept", async () => {
    const makeRoom = fillDisk();
    expect(await app.enter(DURESS)).toBe("threat");
    expect([app.alarm.isMuted, app.alarm.showsAlarm, intake.presses.length, vibrations]).toEqual([true, false, 1, []]);
    makeRoom();
  });

  test("goes on telling where she is after the page was loaded anew, and stays quiet", async () => {
    expect(await app.enter(DURESS)).toBe("threat");
    await reopen();
    // What is said at rest is answered with an alarm that the phone knows nothing of.
    intake.says = { alarm: "0123456789abcdef-7", state: "acknowledged", pending: [{ what: "quiet" }] };
    app.engine!.tellNow();
    await until(() => app.alarm.isMuted && app.engine!.untraced.isFollowing);
    expect([app.alarm.showsAlarm, vibrations]).toEqual([false, []]);
    intake.says = { alarm: "0123456789abcdef-7", state: "closed" };
    app.engine!.tryNow();
    await until(() => !app.engine!.untraced.isFollowing && app.alarm.quiet === "");
  });
});

test("rule 33: she holds for as long as she chose, not for as long as her kit says", async () => {
  expect(app.holdMs).toBe(2000);
  await app.chosen.change({ holdMs: 1000 });
  await reopen();
  expect(app.holdMs).toBe(1000);
});

describe("rule 20: a test", () => {
  test("is received as one, opens no alarm, and the next press is real", async () => {
    app.armTest(app.platform.nowMs());
    await app.pressOnScreen();
    await until(() => app.testStep === "received");
    expect([app.alarm.showsAlarm, app.standing.testIsDue, app.test.armedUntilMs]).toEqual([false, false, 0]);
    await press();
    expect([intake.messages(Kind.TEST).length, intake.messages(Kind.PRESS).length]).toEqual([1, 1]);
  });
});

describe("rule 20: a real press while a test is armed", () => {
  test("ends it for her page too, which else would call her next press a test", async () => {
    await press();
    app.armTest(app.platform.nowMs());
    expect(app.testStep).toBe("armed");
    await press();
    expect([app.testStep, app.test.armedUntilMs]).toEqual(["none", 0]);
    expect([intake.messages(Kind.TEST).length, intake.messages(Kind.PRESS).length]).toEqual([0, 2]);
  });
});

describe("rule 46: a window from which another one takes over", () => {
  test("has no test armed any more: what is pressed there is real", async () => {
    app.armTest(app.platform.nowMs());
    app["alone"]["rest"](); // what it is told when the lock went to another window (alone.test.ts)
    expect(app.test.armedUntilMs).toBe(0);
    await press();
    expect([intake.messages(Kind.TEST).length, intake.messages(Kind.PRESS).length]).toEqual([0, 1]);
  });
});

describe("rule 16: what the phone says of itself", () => {
  test("has an age, and a phone without a button never says that an alarm would get through", async () => {
    await until(() => app.standing.honesty === "screen");
    const { checkedAtMs, provedAtMs, buttonHeardAtMs } = app.standing.conditions;
    expect([checkedAtMs, provedAtMs].map((at) => Math.abs(at! - Date.now()) < 60_000)).toEqual([true, true]);
    expect(buttonHeardAtMs).toBe(null);
  });

  test("a look at a memory that is full says so", async () => {
    await until(() => app.standing.honesty === "screen");
    const makeRoom = fillDisk();
    await app.standing.check();
    expect(app.standing.honesty).toBe("not-stored");
    makeRoom();
  });

  test("that the button was heard outlives the page", async () => {
    app.alarm.onButton();
    await until(async () => (await app.store.recall<{ buttonHeardAtMs: number }>("choices"))?.buttonHeardAtMs);
    const heard = app.standing.conditions.buttonHeardAtMs;
    await reopen();
    expect(app.standing.conditions.buttonHeardAtMs).toBe(heard);
  });
});

describe("rule 10: a key that the server does not know", () => {
  test("is said at rest and in an alarm, until the server knows it", async () => {
    intake.script = () => refused(401, "unknown-key");
    app.engine!.tellNow();
    await until(() => app.standing.honesty === "refused");
    await app.pressOnScreen();
    await until(() => intake.presses.length > 0 && app.alarm.trouble === "refused");
    expect([app.standing.honesty, app.alarm.state]).toEqual(["refused", "stored"]);
    intake.script = () => null;
    await until(() => {
      app.engine!.tryNow();
      return app.alarm.state === "received";
    });
    expect(app.alarm.trouble).toBe("");
  });

  test("opens by its code, also after a machine kept what another one had refused", async () => {
    intake.script = () => refused(401, "unknown-key");
    app.engine!.tellNow();
    await until(() => app.alarm.trouble === "refused");
    intake.script = async (_message, data) => {
      Object.assign(intake, { says: { seq: 0, alarm: "", state: "kept" } });
      return { status: 202, body: JSON.stringify(await intake.receipt(data)) };
    };
    await app.pressOnScreen();
    await until(() => app.alarm.trouble === "kept");
    expect(await app.enter(PIN)).toBe("own");
  });
});

describe("rule 16: what a person takes back in the settings of the phone", () => {
  const notices = () => intake.messages(Kind.NOTICE).map(({ body }) => new TextDecoder().decode(body!));

  test("is told to the zone, and said with the next press", async () => {
    await app.chosen.change({ listens: true });
    const { permissions } = navigator as unknown as { permissions: { query: (what: object) => Promise<{ become(state: string): void }> } };
    for (const name of ["geolocation", "microphone"]) (await permissions.query({ name })).become("denied");
    await until(() => ["position-refused", "microphone-refused"].every((word) => notices().includes(word)));
    await press();
    expect(app.standing.conditions.positionAllowed).toBe(false);
    const both = LinkFlag.POSITION_REFUSED | LinkFlag.MICROPHONE_REFUSED;
    expect(intake.messages(Kind.PRESS)[0]!.link! & both).toBe(both);
  });
});

describe("rule 18: listening in", () => {
  test("ends at once when she chooses so, also in an alarm", async () => {
    await app.chosen.change({ listens: true });
    await press();
    await until(() => PlayedRecorder.all.at(-1)?.state === "recording");
    await app.endListening();
    expect([PlayedRecorder.all.at(-1)!.state, app.chosen.now.listens]).toEqual(["inactive", false]);
  });
});

describe("rule 46: a phone whose storage was cleared", () => {
  test("is nobody's: no kit, nothing at work, nothing armed", async () => {
    app.armTest(app.platform.nowMs());
    app.engine?.stop();
    emptyDisk();
    await reopen();
    await app.pressOnScreen();
    expect([app.enrolment, app.engine, app.test.armedUntilMs, app.alarm.showsAlarm]).toEqual([null, null, 0, false]);
    expect(app.standing.warns).toBe(false);
    // The icon on the home screen is still there: its first page says quietly that she had better look.
    app.standing.isFromIcon = true;
    expect(app.standing.warns).toBe(true);
    expect(intake.presses).toEqual([]);
  });
});
