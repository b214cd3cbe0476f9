/** What opens with a code, and what somebody who takes the store apart finds in it. */
import { pbkdf2Sync, randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Kind, Trigger } from "../src/core/envelope";
import { NO_PAGE, type Page, opened, rewritten, sealed } from "../src/core/compartments";
import type { HashedPin } from "../src/core/pin";
import { PhoneStore } from "../src/store/store";
import type { App } from "../src/ui/app";
import { chooseCodes } from "../src/ui/entering";
import { rowsOf } from "./support/disk";
import { type Intake, refused } from "./support/intake";
import { endPage, freshPage, openApp } from "./support/pages";
import { until } from "./support/waiting";

const [OWN, THREAT, GUESS] = ["1357", "2468", "0000"];
const PAGE: Page = { kit: "kit", button: "button", testedAtMs: 7 };
/** A code as older versions kept it. */
function hashedPin(code: string): HashedPin {
  const salt = randomBytes(16);
  return { salt: salt.toString("hex"), hash: pbkdf2Sync(code, salt, 200_000, 32, "sha256").toString("hex") };
}
const key = (fill: number) => new Uint8Array(32).fill(fill);

describe("the two compartments", () => {
  test("are opened each by its own key, and by no other", async () => {
    const both = await sealed(key(1), key(2), PAGE);
    expect(await opened(key(1), both)).toMatchObject({ isThreat: false, page: PAGE });
    expect(await opened(key(2), both)).toMatchObject({ isThreat: true, page: NO_PAGE });
    expect(await opened(key(3), both)).toBeNull();
  });

  test("look alike, whichever is whose and whatever is in them", async () => {
    const sizes = ([first, second]: readonly { head: string; page: string }[]) => [first!.head.length, first!.page.length, second!.head.length, second!.page.length];
    const looks = [await sealed(key(1), key(2), PAGE), await sealed(key(1), key(2), { ...PAGE, kit: "k".repeat(300) })];
    expect(new Set(looks.map((both) => sizes(both).join())).size).toBe(1);
    const [head, page] = sizes(looks[0]!);
    expect(sizes(looks[0]!)).toEqual([head, page, head, page]);
    const places = await Promise.all(Array.from({ length: 40 }, async () => (await opened(key(1), await sealed(key(1), key(2), PAGE)))!.at));
    expect(new Set(places).size).toBe(2);
  });

  test.each([1, 2])("look both new after whichever was written, and the other one keeps its page", async (which) => {
    const before = await sealed(key(1), key(2), PAGE);
    const after = await rewritten((await opened(key(which), before))!, { ...NO_PAGE, testedAtMs: 9 }, before);
    for (const at of [0, 1] as const) expect([after[at].head, after[at].page === before[at].page]).toEqual([before[at].head, false]);
    expect((await opened(key(which), after))!.page.testedAtMs).toBe(9);
    expect((await opened(key(3 - which), after))!.page).toEqual(which === 1 ? NO_PAGE : PAGE);
  });
});

let intake: Intake;
let app: App;

beforeEach(async () => {
  intake = await freshPage();
  app = await openApp(intake);
});
afterEach(() => endPage(app, intake));

/** Until all that is at rest was said, so that what changes then has another cause. */
async function rest(): Promise<void> {
  await until(async () => (await rowsOf("outbox")).length === 0 && app.standing.checkedAtMs && app.engine!["told"]["waiting"].size && app.engine!["others"]["added"]["waiting"].size);
}

/** All that lies on the disk, opened with the key that a page may use: what developer tools show. */
async function dump(): Promise<string> {
  const store = app.store;
  const names = ["enrolment", "choices", "servers", "told", "button", "compartments"] as const;
  const open = await Promise.all(names.map((name) => store.recall(name)));
  return JSON.stringify([open, await rowsOf("phone"), await rowsOf("press"), await rowsOf("outbox")]);
}

async function enrol(): Promise<void> {
  await chooseCodes(app, OWN, THREAT, intake.enrolment());
  await rest();
}

describe("the store of an enrolled phone", () => {
  beforeEach(enrol);

  test("holds neither code nor anything that a code could be tried against, nor her kit", async () => {
    const found = await dump();
    for (const word of ['"pin"', '"duress"', "threat", "quiet", "testedAt", '"kit":"kit"', '"button_id":"button"']) expect(found).not.toContain(word);
  });

  test.each([
    ["her own", OWN, "own"],
    ["the one under threat", THREAT, "threat"],
    ["a wrong", GUESS, "wrong"],
  ])("is the same after %s code", async (_which, code, answer) => {
    const before = await dump();
    expect(await app.enter(code)).toBe(answer);
    expect(await app.cancel(code)).toBe(answer);
    await rest();
    expect(await dump()).toBe(before);
    const told = [...intake.messages(Kind.PRESS), ...intake.messages(Kind.CANCEL)].map(({ kind, trigger }) => [kind, trigger]);
    const expected = { [OWN]: [[Kind.CANCEL, Trigger.SCREEN]], [THREAT]: [[Kind.PRESS, Trigger.DURESS], [Kind.CANCEL, Trigger.DURESS]] };
    expect(told).toEqual(expected[code] ?? []);
  });

  test("keeps of a test only what her code opens", async () => {
    expect(await app.enter(OWN)).toBe("own");
    app.armTest(app.platform.nowMs());
    await app.pressOnScreen();
    await until(() => app.testStep === "received");
    await until(async () => !app.standing.testIsDue);
    app.engine!.stop();
    app = await openApp(intake);
    expect(app.standing.testIsDue).toBe(true);
    await app.enter(OWN);
    expect([app.standing.testIsDue, app.codes.page.kit]).toEqual([false, "kit"]);
  });
});

describe("the store in an alarm", () => {
  beforeEach(enrol);

  test("is not written to by what is told under threat, nor after the page was loaded anew", async () => {
    const rows = async () => JSON.stringify([await rowsOf("press"), await rowsOf("outbox"), await app.store.recall("choices"), await app.store.recall("compartments")]);
    const before = await rows();
    const toldMore = async (count: number) => {
      const from = intake.messages(Kind.POSITION).length + intake.messages(Kind.HEARTBEAT).length;
      await until(() => {
        app.engine!.untraced.tryNow();
        return intake.messages(Kind.POSITION).length + intake.messages(Kind.HEARTBEAT).length >= from + count;
      });
      await rest();
    };
    expect(await app.enter(THREAT)).toBe("threat");
    await toldMore(3);
    expect(await rows()).toBe(before);
    intake.says = { alarm: "0123456789abcdef-7", state: "acknowledged", pending: [{ what: "quiet" }] };
    app.engine!.stop();
    app = await openApp(intake);
    await until(() => app.engine!.untraced.isFollowing);
    await toldMore(3);
    expect(await rows()).toBe(before);
  });

  test("is the same after either code said in an alarm that she is safe", async () => {
    const looks = [];
    for (const code of [OWN, THREAT]) {
      await app.pressOnScreen();
      await until(() => app.alarm.state === "received");
      const names = ["enrolment", "choices", "servers", "told", "button", "compartments"] as const;
      const rows = async () => Promise.all([...names.map((name) => app.store.recall(name)), rowsOf("press").then((found) => found.length)]);
      const before = JSON.stringify(await rows());
      expect(await app.cancel(code)).toBe(code === OWN ? "own" : "threat");
      looks.push(JSON.stringify(await rows()) === before);
      intake.state = "closed";
      await until(() => {
        app.engine!.tellNow();
        return app.alarm.state === "";
      });
      intake.state = "received";
    }
    expect(looks).toEqual([true, true]);
  });
});

describe("an enrolled phone", () => {
  beforeEach(enrol);

  test("asks the server for every try, and tells it the same whichever code it was", async () => {
    const before = intake.tags.length;
    for (const code of [OWN, THREAT, GUESS, OWN]) await app.enter(code);
    const tags = intake.tags.slice(before);
    expect([tags.length, new Set(tags).size, tags[0] === tags[3]]).toEqual([4, 3, true]);
    expect(new Set(tags.map((tag) => tag.length))).toEqual(new Set([43]));
  });

  test("opens to nobody without the server's half, and says why alike for every code", async () => {
    app.codes.close();
    for (const [answer, word] of [["cut", "offline"], [refused(401), "offline"], [refused(503), "offline"], [{ status: 201, body: '{"part":"AA"}' }, "offline"], [refused(429), "often"]] as const) {
      intake.opening = answer;
      expect([await app.enter(OWN), await app.enter(THREAT)]).toEqual([word, word]);
    }
    expect([intake.presses, app.codes.page]).toEqual([[], NO_PAGE]);
    // A press needs neither.
    await app.pressOnScreen();
    await until(() => intake.presses.length);
  });

  test("does not open before the desk's server has signed, and a press under threat is tried until it has", async () => {
    const way = (kind: Kind) => intake.plan(kind, "cut", "cut", "cut");
    way(Kind.HEARTBEAT);
    expect(await app.enter(OWN)).toBe("offline");
    way(Kind.PRESS);
    expect(await app.enter(THREAT)).toBe("offline");
    await until(() => {
      app.engine!.tryNow();
      return intake.presses.length === 4;
    });
    expect(new Set(intake.presses.map(String)).size).toBe(1);
  });
});

/** A store that was made before, opened with a press. */
async function makeOld(): Promise<void> {
  const store = await PhoneStore.open();
  const choices = { pin: hashedPin(OWN), duress: hashedPin(THREAT), quiet: "threat", testedAtMs: 5, decoy: "notes" };
  await store.rememberAll({ enrolment: intake.enrolment(), choices });
  app = await openApp(intake);
  await app.pressOnScreen();
  await until(() => intake.presses.length);
}

describe("a store that was made before", () => {
  beforeEach(makeOld);

  test("opens with its old code once more, is sealed anew, and loses neither press nor enrolment", async () => {
    expect([await app.enter(GUESS), await app.enter(OWN), app.codes.mustBeChosen]).toEqual(["wrong", "own", true]);
    await chooseCodes(app, THREAT, OWN, null);
    const page = { kit: "kit", button: "button", testedAtMs: 5 };
    expect([app.codes.mustBeChosen, app.chosen.now.decoy, app.codes.page]).toEqual([false, "notes", page]);
    // And once more, now that the page alone has it.
    await chooseCodes(app, THREAT, OWN, null);
    expect(app.codes.page).toEqual(page);
    // What an officer set meanwhile is taken, and brings nothing back that was sealed.
    const settings = { hold_ms: 3000, version: 7 };
    intake.says = { alarm: "", pending: [{ what: "settings", text: JSON.stringify(settings) }] };
    app.engine!.tellNow();
    await until(() => app.holdMs === settings.hold_ms);
    for (const word of ['"pin"', '"duress"', "threat", '"kit":"kit"']) expect(await dump()).not.toContain(word);
    app.engine!.stop();
    app = await openApp(intake);
    expect([app.alarm.state, await app.enter(THREAT), app.alarm.isMuted]).toEqual(["received", "own", false]);
  });

  test("stays as it was when the server gives no half", async () => {
    intake.opening = refused(429);
    await expect(chooseCodes(app, THREAT, OWN, null)).rejects.toMatchObject({ status: 429 });
    app.engine!.stop();
    app = await openApp(intake);
    expect([await app.enter(OWN), app.codes.mustBeChosen]).toEqual(["own", true]);
  });

  test("tells the desk of a code under threat before it is sealed anew, too", async () => {
    expect(await app.enter(THREAT)).toBe("threat");
    expect(intake.messages(Kind.CANCEL).map(({ trigger }) => trigger)).toEqual([Trigger.DURESS]);
  });
});

describe("what is set while codes are chosen anew", () => {
  beforeEach(makeOld);

  test("is kept of the server", async () => {
    const chosen = chooseCodes(app, THREAT, OWN, null);
    const settings = { hold_ms: 3000, version: 7 };
    await app.engine!.kit.take([{ what: "settings", text: JSON.stringify(settings) }]);
    await chosen;
    expect(await app.store.recall("enrolment")).toMatchObject({ kit: "", settings });
  });

  test.each(["while the server is asked for its halves", "while all is kept"])("is kept of hers %s, and no old code with it", async (when) => {
    const { store } = app;
    const change = () => void app.chosen.change({ listens: false, buttonHeardAtMs: 7 });
    await app.chosen.change({ listens: true });
    if (when === "while all is kept") vi.spyOn(store, "rememberAll").mockImplementationOnce((all) => {
      const kept = store.rememberAll(all);
      change();
      return kept;
    });
    const chosen = chooseCodes(app, THREAT, OWN, null);
    if (when !== "while all is kept") change();
    await chosen;
    const left = { ...app.chosen.now, listens: false, buttonHeardAtMs: 7 };
    expect([app.chosen.now, await store.recall("choices")]).toEqual([left, left]);
    expect(Object.keys(left)).not.toContain("pin");
  });
});
