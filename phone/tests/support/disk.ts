/** IndexedDB as the standard says, in memory: what was committed there outlives every store that is opened on it. */
import "fake-indexeddb/auto";
import { IDBFactory, IDBObjectStore, forceCloseDatabase } from "fake-indexeddb";
import { vi } from "vitest";

/** A phone that never saw the app. */
export function emptyDisk(): void {
  globalThis.indexedDB = new IDBFactory();
}

/**
 * No memory is ever full, so this is played: what is written is undone with the error that the standard gives
 * (Indexed Database API 3.0, section 5.4). `shelf`: only what is written there. Returns what makes room again.
 */
export function fillDisk(shelf?: string): () => void {
  const spies = (["add", "put"] as const).map((name) => {
    const real = IDBObjectStore.prototype[name];
    return vi.spyOn(IDBObjectStore.prototype, name).mockImplementation(function (this: IDBObjectStore, value, key) {
      const request = real.call(this, value, key);
      if (shelf === undefined || shelf === this.name) refuse(this.transaction, "QuotaExceededError");
      return request;
    });
  });
  return () => spies.forEach((spy) => spy.mockRestore());
}

/** Ends a transaction as a platform does that cannot go on with it. */
export function refuse(transaction: IDBTransaction, error: string): void {
  (transaction as unknown as { _abort(error: string): void })._abort(error);
}

/** The platform takes the connection away, as Safari does with a page that slept, or when the data are cleared. */
export function cutOff(database: IDBDatabase): void {
  forceCloseDatabase(database as never);
}

/** All rows of a shelf, as anyone who looks into the browser's files would find them. */
export async function rowsOf(shelf: string, name = "notes"): Promise<readonly object[]> {
  const request = indexedDB.open(name);
  const database = await new Promise<IDBDatabase>((resolve) => (request.onsuccess = () => resolve(request.result)));
  const found = database.transaction(shelf).objectStore(shelf).getAll();
  const rows = await new Promise<object[]>((resolve) => (found.onsuccess = () => resolve(found.result)));
  database.close();
  return rows;
}
