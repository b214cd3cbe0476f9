/** The phone's memory: its keys, its counters, and that nothing in it can be read by somebody who finds the files. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { toHex } from "../src/core/bytes";
import { Kind, Trigger, decode } from "../src/core/envelope";
import { envelopeIsSignedBy } from "../src/core/keys";
import { PhoneStore } from "../src/store/store";
import { cutOff, emptyDisk, fillDisk, rowsOf } from "./support/disk";
import { HERE, SCREEN, message, receipt } from "./support/phones";

const KID = "0123456789abcdef";

beforeEach(emptyDisk);
afterEach(() => vi.restoreAllMocks());

describe("rule 22: the keys", () => {
  test("are made at the first visit and are the same at every other", async () => {
    const store = await PhoneStore.open();
    const again = await PhoneStore.open();
    expect(again.key.kid).toEqual(store.key.kid);
    const { data } = await again.add(message(Kind.NOTICE));
    expect(await envelopeIsSignedBy(decode(data), store.key.publicKey)).toBe(true);
  });

  test("cannot be taken out of the platform", async () => {
    await PhoneStore.open();
    const [{ key, sealing }] = (await rowsOf("phone")) as [{ key: { privateKey: CryptoKey }; sealing: CryptoKey }];
    for (const secret of [key.privateKey, sealing]) {
      expect(secret.extractable).toBe(false);
      for (const format of ["raw", "pkcs8", "jwk"] as const) await expect(crypto.subtle.exportKey(format, secret)).rejects.toThrow();
    }
  });

  test("of two windows that come at once are the same, and so is what is sealed", async () => {
    const windows = await Promise.all([PhoneStore.open(), PhoneStore.open(), PhoneStore.open()]);
    expect(new Set(windows.map(({ key }) => toHex(key.kid))).size).toBe(1);
    await windows[0]!.remember("choices", { decoy: "notes" });
    expect(await windows[2]!.recall("choices")).toEqual({ decoy: "notes" });
  });

  test("are gone with cleared storage: the phone is another one then, and knows nothing of the first", async () => {
    const store = await PhoneStore.open();
    await store.remember("enrolment", { kit: "hers" });
    await store.addPress(SCREEN, null, KID, 0);
    emptyDisk();
    const after = await PhoneStore.open();
    expect(after.key.kid).not.toEqual(store.key.kid);
    expect([await after.recall("enrolment"), await after.openPress(), await after.unsentPresses()]).toEqual([null, null, []]);
  });

  test("that could not be kept are none: the phone says so instead of working without a memory", async () => {
    const makeRoom = fillDisk("phone");
    await expect(PhoneStore.open()).rejects.toBeInstanceOf(DOMException);
    makeRoom();
    expect(await rowsOf("phone")).toEqual([]);
  });
});

describe("counters", () => {
  test("rise over all messages and restarts", async () => {
    const store = await PhoneStore.open();
    const before = [(await store.addPress(SCREEN, 1, KID, 0))!.counter, (await store.add(message(Kind.POSITION, { press: 1 }))).counter];
    const again = await PhoneStore.open();
    await again.addTest(message(Kind.TEST), null);
    const after = [(await again.add(message(Kind.TEXT))).counter, (await again.addPress(SCREEN, 2, KID, 0))!.counter];
    expect([...before, ...after]).toEqual([1, 2, 4, 5]);
  });

  test("are the ones that the signed messages carry", async () => {
    const store = await PhoneStore.open();
    for (const kept of [await store.add(message(Kind.TEXT)), (await store.addPress(SCREEN, null, KID, 0))!]) {
      expect(decode(kept.data).message.counter).toBe(kept.counter);
    }
  });

  test("are never given twice by two windows at work", async () => {
    const windows = await Promise.all([PhoneStore.open(), PhoneStore.open()]);
    const made = await Promise.all(Array.from({ length: 20 }, (_, at) => windows[at % 2]!.add(message(Kind.TEXT))));
    expect(new Set(made.map(({ counter }) => counter))).toEqual(new Set(Array.from({ length: 20 }, (_, at) => at + 1)));
  });

  test("that a failed step used are wasted, not given again", async () => {
    const store = await PhoneStore.open();
    const makeRoom = fillDisk("outbox");
    await expect(store.addPress(SCREEN, null, KID, 0)).rejects.toBeInstanceOf(DOMException);
    makeRoom();
    expect((await (await PhoneStore.open()).addPress(SCREEN, null, KID, 0))!.counter).toBe(2);
  });

  test("follow the server's when it knows of higher ones, never back and never by a leap", async () => {
    const store = await PhoneStore.open();
    const following = async (next_counter: number) => {
      await store.takeReceipt(await store.add(message(Kind.NOTICE)), receipt({ next_counter }), 0);
      return (await store.add(message(Kind.NOTICE))).counter;
    };
    expect([await following(50), await following(3), await following(9_000_000)]).toEqual([50, 52, 54]);
  });
});

describe("what is remembered by name", () => {
  test("comes back after a restart, whole, and replaces what was there", async () => {
    const store = await PhoneStore.open();
    expect(await store.recall("choices")).toBeNull();
    await store.remember("choices", { pin: null, quiet: "" });
    await store.remember("choices", { pin: { salt: "00", hash: "é" }, quiet: "threat" });
    expect(await (await PhoneStore.open()).recall("choices")).toEqual({ pin: { salt: "00", hash: "é" }, quiet: "threat" });
  });

  test("is not to be read by somebody who finds the files, nor what waits to be sent", async () => {
    const store = await PhoneStore.open();
    await store.remember("enrolment", { kit: "the-kit", servers: ["https://egide.example"] });
    const sent = (await store.addPress({ ...SCREEN, trigger: Trigger.DURESS }, null, KID, 0))!;
    const sealed = [...(await rowsOf("phone")), ...(await rowsOf("outbox"))].map(({ sealed }: { sealed?: { data: ArrayBuffer } }) => sealed);
    const bytes = sealed.filter((one) => one !== undefined).map(({ data }) => toHex(new Uint8Array(data)));
    expect(bytes).toHaveLength(2);
    for (const secret of [toHex(new TextEncoder().encode("the-kit")), toHex(sent.data.slice(8, 40))]) {
      expect(bytes.filter((one) => one.includes(secret))).toEqual([]);
    }
  });

  test("cannot be put in another's place", async () => {
    const store = await PhoneStore.open();
    await store.remember("choices", { duress: null });
    const row = (await rowsOf("phone")).find((one) => (one as { id: unknown }).id === "choices");
    const shelf = store["database"].transaction("phone", "readwrite").objectStore("phone");
    shelf.put({ ...row, id: "enrolment" });
    await expect(store.recall("enrolment")).rejects.toMatchObject({ name: "OperationError" });
    expect(await store.recall("choices")).toEqual({ duress: null });
  });
});

describe("a connection that the platform took away", () => {
  test("is made anew, and the memory goes on where it was", async () => {
    const store = await PhoneStore.open();
    const kept = (await store.addPress(SCREEN, 1, KID, 0))!;
    for (const use of [() => store.unsentPresses(), () => store.nextOther(), () => store.buttonHighest(), () => store.noteRefusal(1, 500)]) {
      cutOff(store["database"]);
      await use();
    }
    cutOff(store["database"]);
    expect((await store.addPress(SCREEN, 2, KID, 0))?.counter).toBe(2);
    expect((await store.unsentPresses())[0]).toEqual({ ...kept, refused: 500 });
  });

  test("that says so with an error of its own is made anew too", async () => {
    const store = await PhoneStore.open();
    // The words of Safari.
    const lost = new DOMException("Connection to Indexed Database server lost. Refresh the page to try again", "UnknownError");
    vi.spyOn(store["database"], "transaction").mockImplementation(() => {
      throw lost;
    });
    expect((await store.add(message(Kind.TEXT))).counter).toBe(1);
  });

  test("is not made anew beside other keys: all is refused then, as long as this page lives", async () => {
    const store = await PhoneStore.open();
    await store.remember("choices", {});
    for (const cleared of [emptyDisk, async () => void (await PhoneStore.open())]) {
      await cleared();
      cutOff(store["database"]);
      await expect(store.addPress(SCREEN, null, KID, 0)).rejects.toMatchObject({ name: "NotFoundError" });
      await expect(store.recall("choices")).rejects.toBeInstanceOf(DOMException);
    }
    expect([await rowsOf("press"), await rowsOf("outbox")]).toEqual([[], []]);
  });
});

test("rule 8: a press under threat lies in the store like any other", async () => {
  const shapes = [];
  for (const trigger of [Trigger.SCREEN, Trigger.DURESS]) {
    emptyDisk();
    const store = await PhoneStore.open();
    await store.addPress(message(Kind.PRESS, { trigger, position: HERE }), null, KID, 7);
    const [row] = (await rowsOf("outbox")) as [{ sealed: { data: ArrayBuffer } }];
    shapes.push([await rowsOf("press"), { ...row, sealed: row.sealed.data.byteLength }]);
  }
  expect(shapes[0]).toEqual(shapes[1]);
});
