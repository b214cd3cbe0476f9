/** What waits in the phone's memory: presses until they are receipted, all else in its turn, and what a receipt ends. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Kind, type Message, decode } from "../src/core/envelope";
import { envelopeIsSignedBy } from "../src/core/keys";
import { type Outgoing, type Press, PhoneStore } from "../src/store/store";
import { cutOff, emptyDisk, fillDisk, rowsOf } from "./support/disk";
import { HERE, SCREEN, message, receipt } from "./support/phones";

const KID = "0123456789abcdef";

let store: PhoneStore;

beforeEach(async () => {
  emptyDisk();
  store = await PhoneStore.open();
});
afterEach(() => vi.restoreAllMocks());

const press = async (buttonCounter: number | null = null, atMs = 0) => (await store.addPress(SCREEN, buttonCounter, KID, atMs))!;
const other = (kind: Kind, fields: Partial<Message> = {}) => store.add(message(kind, fields));
const pressRow = async (counter: number) => (await store.presses()).find((row) => row.counter === counter)!;

/** What goes out, in which order, when each is receipted at once. */
async function emptied(): Promise<Outgoing[]> {
  const gone: Outgoing[] = [];
  for (let next = await store.nextOther(); next !== null; next = await store.nextOther()) {
    gone.push(next);
    await store.takeReceipt(next, receipt(), 0);
  }
  return gone;
}

describe("a press", () => {
  test("is there after a restart, with the same counter and bytes, signed by this phone", async () => {
    const kept = await press(7, 1234);
    expect(decode(kept.data).message).toEqual({ ...SCREEN, counter: kept.counter });
    store = await PhoneStore.open();
    expect(await store.unsentPresses()).toEqual([kept]);
    expect(await envelopeIsSignedBy(decode(kept.data), store.key.publicKey)).toBe(true);
    const expected: Press = { counter: 1, buttonCounter: 7, alarm: `${KID}-1`, state: "", receivedAtMs: null, madeAtMs: 1234, closedAtMs: null };
    expect(await store.presses()).toEqual([expected]);
  });

  test("is there after the platform took the memory away in the middle of everything", async () => {
    const kept = await press();
    const unfinished = store.addPress(SCREEN, null, KID, 0).catch(() => null);
    cutOff(store["database"]);
    await unfinished;
    store = await PhoneStore.open();
    expect((await store.unsentPresses())[0]).toEqual(kept);
    // Whatever became of the second: it is wholly there or not at all.
    expect((await store.presses()).map(({ counter }) => counter)).toEqual((await store.unsentPresses()).map(({ counter }) => counter));
  });

  test.each(["press", "outbox"])("is kept whole or not at all when there is no room on the shelf %s", async (shelf) => {
    const makeRoom = fillDisk(shelf);
    await expect(store.addPress(SCREEN, 5, KID, 0)).rejects.toBeInstanceOf(DOMException);
    makeRoom();
    expect([await rowsOf("press"), await rowsOf("outbox"), await store.buttonHighest()]).toEqual([[], [], 0]);
    expect(await store.addPress(SCREEN, 5, KID, 0)).not.toBeNull();
  });

  test("of the button is kept once, also when two windows hear it at the same moment", async () => {
    const another = await PhoneStore.open();
    const kept = await Promise.all([store, another, store].map((one) => one.addPress(SCREEN, 3, KID, 0)));
    expect(kept.filter((one) => one !== null)).toHaveLength(1);
    expect([(await rowsOf("press")).length, (await rowsOf("outbox")).length]).toEqual([1, 1]);
    expect(await store.addPress(SCREEN, 2, KID, 0)).not.toBeNull();
    expect([await store.addPress(SCREEN, 2, KID, 0), await store.buttonHighest()]).toEqual([null, 3]);
  });

  test("on the screen has no counter of the button and moves none", async () => {
    await store.noteButton(4);
    await press(null);
    await press(null);
    expect([await store.buttonHighest(), (await store.unsentPresses()).length]).toEqual([4, 2]);
  });

  test("goes out oldest first, and never in the lane of all else", async () => {
    const kept = [await press(), await press(), await press()];
    expect(await store.unsentPresses()).toEqual(kept);
    expect(await store.nextOther()).toBeNull();
  });

  test.each([401, 409, 500])("that was refused with %i stays and is sent again as it is", async (status) => {
    const kept = await press();
    await store.noteRefusal(kept.counter, status);
    expect(await store.unsentPresses()).toEqual([{ ...kept, refused: status }]);
  });
});

describe("the button's counter", () => {
  test("only rises, and is on the disk", async () => {
    for (const [said, highest] of [[5, 5], [3, 5], [5, 5], [6, 6]] as const) {
      await store.noteButton(said);
      expect(await (await PhoneStore.open()).buttonHighest()).toBe(highest);
    }
  });

  test("tells a press that is kept from one that is not", async () => {
    await press(7);
    expect([await store.hasButtonPress(7), await store.hasButtonPress(6)]).toEqual([true, false]);
  });
});

describe("a test", () => {
  test("goes out, counts for the button, and opens no alarm", async () => {
    await store.addTest(message(Kind.TEST), 9);
    expect((await store.nextOther())?.kind).toBe(Kind.TEST);
    expect([await store.hasButtonPress(9), await store.buttonHighest()]).toEqual([true, 9]);
    expect([await store.openPress(), await store.followedPress(0, 1e12), await store.unsentPresses()]).toEqual([null, null, []]);
  });

  test("is over and stays so, whatever its receipt and those of heartbeats say", async () => {
    await store.addTest(message(Kind.TEST), 9);
    for (const sent of [(await store.nextOther())!, await other(Kind.HEARTBEAT)]) {
      expect(await store.takeReceipt(sent, receipt({ state: "noted" }), 0)).toBe(false);
    }
    expect([await store.openPress(), await store.followedPress(0, 1e12)]).toEqual([null, null]);
  });

  test("that the button says again is no second one, and never takes a press away", async () => {
    await press(8);
    await store.addTest(message(Kind.TEST), 8);
    expect([(await store.unsentPresses()).length, await store.nextOther()]).toEqual([1, null]);
  });
});

describe("all else", () => {
  test("goes in turn: what she did, then the newest place, then sound, oldest first", async () => {
    const kinds = [Kind.AUDIO, Kind.HEARTBEAT, Kind.POSITION, Kind.NOTICE, Kind.POSITION, Kind.AUDIO, Kind.TEXT, Kind.CANCEL, Kind.TEXT];
    await press();
    for (const kind of kinds) await other(kind, { press: 1 });
    await store.addTest(message(Kind.TEST), null);
    expect((await emptied()).map(({ kind, counter }) => [kind, counter])).toEqual([
      [Kind.CANCEL, 9], [Kind.TEXT, 8], [Kind.TEXT, 10], [Kind.TEST, 11], [Kind.NOTICE, 5],
      [Kind.POSITION, 6], [Kind.POSITION, 4], [Kind.HEARTBEAT, 3], [Kind.AUDIO, 2], [Kind.AUDIO, 7],
    ]);
  });

  test("comes back with the bytes that were signed", async () => {
    const kept = await other(Kind.TEXT, { body: Uint8Array.of(1, 2), position: HERE });
    expect(await store.nextOther()).toEqual(kept);
  });

  test("that was refused waits behind what was not, of whatever kind, and is not dropped", async () => {
    const [cancel, text, sound] = [await other(Kind.CANCEL), await other(Kind.TEXT), await other(Kind.AUDIO)];
    await store.noteRefusal(cancel.counter, 409);
    await store.noteRefusal(text.counter, 503);
    expect((await store.nextOther())?.counter).toBe(sound.counter);
    expect((await emptied()).map(({ counter, refused }) => [counter, refused])).toEqual([[3, 0], [1, 409], [2, 503]]);
  });

  test("that is refused for good does not keep what was refused once from its next turn", async () => {
    const refuse = async (of: Kind, status: number) => {
      const next = (await store.nextOther())!;
      expect(next.kind).toBe(of);
      await store.noteRefusal(next.counter, status);
    };
    for (const kind of [Kind.CANCEL, Kind.AUDIO, Kind.AUDIO]) await other(kind);
    for (const kind of [Kind.CANCEL, Kind.AUDIO, Kind.AUDIO]) await refuse(kind, 503);
    // The server is back; the first one only is refused for good.
    await refuse(Kind.CANCEL, 409);
    expect((await emptied()).map(({ counter }) => counter)).toEqual([2, 3, 1]);
  });

  test("of one kind lets a newer one pass when the older was refused", async () => {
    const older = await other(Kind.TEXT);
    const newer = await other(Kind.TEXT);
    await store.noteRefusal(older.counter, 429);
    expect(await store.nextOther()).toEqual(newer);
  });

  test("is not brought back by a refusal that comes after the receipt", async () => {
    const kept = await other(Kind.TEXT);
    await store.takeReceipt(kept, receipt(), 0);
    await store.noteRefusal(kept.counter, 500);
    expect(await rowsOf("outbox")).toEqual([]);
  });
});

test("a heartbeat at rest takes the place of those at rest that wait, and of nothing else", async () => {
  await press();
  await other(Kind.HEARTBEAT, { press: 1 });
  await other(Kind.HEARTBEAT);
  await other(Kind.POSITION, { press: 1 });
  const newest = await other(Kind.HEARTBEAT);
  expect((await rowsOf("outbox")).map((row) => (row as Outgoing).counter)).toEqual([1, 2, 4, newest.counter]);
});

describe("a receipt", () => {
  test("ends the sending of what it is for, of nothing else, and the bytes are gone", async () => {
    const [first, second, text] = [await press(), await press(), await other(Kind.TEXT)];
    await store.takeReceipt(first, receipt({ alarm: `${KID}-1` }), 0);
    expect([await store.unsentPresses(), await store.nextOther()]).toEqual([[second], text]);
    expect((await rowsOf("outbox")).length).toBe(2);
  });

  test("tells the press its alarm, its state and when it was received", async () => {
    const second = (await press(), await press());
    await store.takeReceipt(second, receipt({ alarm: `${KID}-1`, state: "routed", received_at: 77 }), 0);
    // It joined the alarm of the first, which is not receipted for that.
    expect(await pressRow(2)).toMatchObject({ alarm: `${KID}-1`, state: "routed", receivedAtMs: 77 });
    expect(await pressRow(1)).toMatchObject({ alarm: `${KID}-1`, state: "routed", receivedAtMs: null });
  });

  test("for something else tells every press of that alarm how far it is, and no other", async () => {
    await store.takeReceipt(await press(), receipt({ alarm: "a", received_at: 5 }), 0);
    await store.takeReceipt(await press(), receipt({ alarm: "b", received_at: 6 }), 0);
    await store.takeReceipt(await other(Kind.POSITION, { press: 1 }), receipt({ alarm: "a", state: "acknowledged", received_at: 9 }), 0);
    expect((await store.presses()).map(({ state, receivedAtMs }) => [state, receivedAtMs])).toEqual([["acknowledged", 5], ["received", 6]]);
  });

  test("without an alarm changes no press", async () => {
    await press();
    const before = await store.presses();
    expect(await store.takeReceipt(await other(Kind.HEARTBEAT), receipt({ state: "closed" }), 0)).toBe(false);
    expect(await store.presses()).toEqual(before);
  });

  test("is news when the state is, once", async () => {
    const sent = await press();
    const told = (state: string) => store.takeReceipt(sent, receipt({ alarm: "a", state }), 0);
    const news = [];
    for (const state of ["received", "received", "acknowledged", "acknowledged", "closed"]) news.push(await told(state));
    expect(news).toEqual([true, false, true, false, true]);
  });

  test("that cannot be kept leaves the press unsent and the state as it was", async () => {
    const sent = await press();
    const makeRoom = fillDisk("press");
    await expect(store.takeReceipt(sent, receipt({ alarm: "a", next_counter: 90 }), 0)).rejects.toBeInstanceOf(DOMException);
    makeRoom();
    expect(await store.unsentPresses()).toEqual([sent]);
    expect(await pressRow(1)).toMatchObject({ state: "", receivedAtMs: null });
    expect((await press()).counter).toBe(2);
  });
});

describe("the alarm that is open", () => {
  const close = async (sent: Outgoing, atMs: number, state = "closed") =>
    store.takeReceipt(sent, receipt({ alarm: `${KID}-${sent.counter}`, state }), atMs);

  test("is that of the newest press, one that the server has before others, until it is closed", async () => {
    expect(await store.openPress()).toBeNull();
    const first = await press();
    await press();
    expect((await store.openPress())?.counter).toBe(2);
    await close(first, 0, "received");
    expect((await store.openPress())?.counter).toBe(1);
    await close(first, 0);
    expect((await store.openPress())?.counter).toBe(2);
  });

  test("is followed for its tail after the closing, counted from the first word of it", async () => {
    const sent = await press();
    await close(sent, 1000);
    await close(sent, 5000);
    const followed = await Promise.all([999, 1000, 1599, 1600].map(async (nowMs) => (await store.followedPress(nowMs, 600))?.counter));
    expect(followed).toEqual([undefined, 1, 1, undefined]);
    expect(await store.openPress()).toBeNull();
  });

  test("is followed for the rest of its tail once a clock that was set back is there again", async () => {
    await close(await press(), 1000);
    await store.forgetOver(500, 600);
    expect(await store.followedPress(500, 600)).toBeNull();
    expect((await store.followedPress(1200, 600))?.counter).toBe(1);
    await store.forgetOver(1600, 600);
    expect(await store.followedPress(1200, 600)).toBeNull();
  });

  test("is open again when a press in the tail reopened it", async () => {
    const sent = await press();
    await close(sent, 1000);
    await store.takeReceipt(await press(), receipt({ alarm: `${KID}-1`, state: "received" }), 2000);
    expect((await store.presses()).map(({ closedAtMs }) => closedAtMs)).toEqual([null, null]);
    expect((await store.followedPress(1e9, 600))?.counter).toBe(2);
  });

  test("goes before one in its tail, and of two in their tail the later one is followed", async () => {
    const sent = [await press(), await press()];
    for (const one of sent) await close(one, 1000);
    expect((await store.followedPress(1100, 600))?.counter).toBe(2);
    await press();
    expect((await store.followedPress(1100, 600))?.counter).toBe(3);
  });
});

describe("what is never kept", () => {
  const untraced = (above: number | null = null) => store.sealedUntraced(message(Kind.HEARTBEAT, { press: above }));

  test("takes counters of one block while that is being reserved, above its press, and no counter twice", async () => {
    await store.reserve();
    const real = await press();
    const [, ...sent] = await Promise.all([store.reserve(real.counter), untraced(), untraced(real.counter), untraced()]);
    const first = real.counter + 1;
    expect(sent.map(({ counter }) => counter)).toEqual([first, first + 1, first + 2]);
    expect((await press()).counter).toBe(first + 4096);
  });

  test("takes a counter of the next block when those that were reserved are all taken", async () => {
    await store.reserve();
    store["reserved"].next = store["reserved"].end - 1;
    const [one, other] = await Promise.all([untraced(), untraced()]);
    expect(one.counter).toBe(4096);
    expect(other.counter).toBe(4097);
  });
});
