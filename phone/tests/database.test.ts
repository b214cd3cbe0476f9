/** The promises on IndexedDB: all or nothing, durable, and what another window or an older version left. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openDatabase, read, settled, write } from "../src/store/database";
import { emptyDisk, fillDisk, refuse, rowsOf } from "./support/disk";
import { until } from "./support/waiting";

const SHELVES = { one: { keyPath: "id" }, two: { keyPath: "id", index: "kind" } };

beforeEach(emptyDisk);
afterEach(() => vi.restoreAllMocks());

const open = () => openDatabase("notes", SHELVES);
const put = (tx: IDBTransaction, shelf: string, id: number) => settled(tx.objectStore(shelf).put({ id, kind: 1 }));

/** A database as a window of another version holds it. */
async function opened(version: number, upgrade: (database: IDBDatabase) => void = () => undefined): Promise<IDBDatabase> {
  const request = indexedDB.open("notes", version);
  request.onupgradeneeded = () => upgrade(request.result);
  return settled(request);
}

test("the first visit makes every shelf with its index", async () => {
  const database = await open();
  expect([...database.objectStoreNames]).toEqual(["one", "two"]);
  const { keyPath, indexNames } = database.transaction("two").objectStore("two");
  expect([keyPath, [...indexNames]]).toEqual(["id", ["kind"]]);
  expect([...database.transaction("one").objectStore("one").indexNames]).toEqual([]);
});

test("what an older version kept is found by what was added since", async () => {
  const old = await opened(1, (database) => database.createObjectStore("two", { keyPath: "id" }));
  await write(old, ["two"], (tx) => put(tx, "two", 7));
  old.close();
  const database = await open();
  expect(await read(database, "two", (shelf) => shelf.index("kind").getAll(1))).toEqual([{ id: 7, kind: 1 }]);
  expect([...database.objectStoreNames]).toEqual(["one", "two"]);
});

test("while a window with an older version is open the newer one waits, and comes to its end", async () => {
  const old = await opened(1);
  let isOpen = false;
  const opening = open().finally(() => (isOpen = true));
  // Made after it, this one is done before it only because the newer one waits.
  await write(await openAnother(), ["any"], (tx) => put(tx, "any", 1));
  expect(isOpen).toBe(false);
  old.close();
  expect((await opening).version).toBe(2);
});

async function openAnother(): Promise<IDBDatabase> {
  const request = indexedDB.open("another", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("any", { keyPath: "id" });
  return settled(request);
}

test("a database of a newer version is refused, and stays as it is", async () => {
  (await opened(3, (database) => database.createObjectStore("later", { keyPath: "id" }))).close();
  await expect(open()).rejects.toMatchObject({ name: "VersionError" });
  expect(await rowsOf("later")).toEqual([]);
});

test("every write is strict, and gives the result of its work", async () => {
  const database = await open();
  const durability = await write(database, ["one"], async (tx) => {
    await put(tx, "one", 1);
    return tx.durability;
  });
  expect(durability).toBe("strict");
  expect(await rowsOf("one")).toEqual([{ id: 1, kind: 1 }]);
});

test("a write is not over before it is durable", async () => {
  const database = await open();
  const steps: string[] = [];
  await write(database, ["one"], async (tx) => {
    tx.addEventListener("complete", () => steps.push("durable"));
    await put(tx, "one", 1);
    steps.push("worked");
  });
  steps.push("resolved");
  expect(steps).toEqual(["worked", "durable", "resolved"]);
});

test("work that fails leaves nothing of what it did, and says its own error", async () => {
  const database = await open();
  const failing = write(database, ["one", "two"], async (tx) => {
    await put(tx, "one", 1);
    await put(tx, "two", 1);
    throw new RangeError("changed my mind");
  });
  await expect(failing).rejects.toThrow("changed my mind");
  expect([await rowsOf("one"), await rowsOf("two")]).toEqual([[], []]);
});

test("a request that fails undoes its transaction", async () => {
  const database = await open();
  await write(database, ["one"], (tx) => put(tx, "one", 1));
  const failing = write(database, ["one"], async (tx) => {
    await put(tx, "one", 2);
    await settled(tx.objectStore("one").add({ id: 1 }));
  });
  await expect(failing).rejects.toMatchObject({ name: "ConstraintError" });
  expect(await rowsOf("one")).toEqual([{ id: 1, kind: 1 }]);
});

test("a full disk refuses the write as a whole", async () => {
  const database = await open();
  const makeRoom = fillDisk("two");
  const failing = write(database, ["one", "two"], async (tx) => {
    await put(tx, "one", 1);
    await put(tx, "two", 1);
  });
  await expect(failing).rejects.toBeInstanceOf(DOMException);
  makeRoom();
  expect([await rowsOf("one"), await rowsOf("two")]).toEqual([[], []]);
});

test.each([
  ["with the platform's reason", (tx: IDBTransaction) => refuse(tx, "QuotaExceededError"), "QuotaExceededError"],
  ["without one", (tx: IDBTransaction) => tx.abort(), "AbortError"],
])("what is refused when it should become durable was not kept, %s", async (_why, end, name) => {
  const database = await open();
  const failing = write(database, ["one"], async (tx) => {
    await put(tx, "one", 1);
    end(tx);
    return "kept";
  });
  await expect(failing).rejects.toMatchObject({ name });
  expect(await rowsOf("one")).toEqual([]);
});

test("a connection that is closed refuses reading and writing with an error of the platform", async () => {
  const database = await open();
  database.close();
  await until(() => refuses(() => database.transaction("one")));
  expect(() => write(database, ["one"], (tx) => put(tx, "one", 1))).toThrow(DOMException);
  expect(() => read(database, "one", (shelf) => shelf.count())).toThrow(DOMException);
});

function refuses(work: () => unknown): boolean {
  try {
    work();
    return false;
  } catch {
    return true;
  }
}
