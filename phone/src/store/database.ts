/** A thin promise face on IndexedDB. Every write is strict: it is on the disk when its promise resolves. */

const VERSION = 2;

/** A store: the path of its key, and a path by which its rows are found too. */
interface Shelf {
  readonly keyPath: string;
  readonly index?: string;
}

/** Opens the database, making at the first visit what its stores lack. */
export function openDatabase(name: string, shelves: Readonly<Record<string, Shelf>>): Promise<IDBDatabase> {
  const request = indexedDB.open(name, VERSION);
  request.onupgradeneeded = () => {
    const { result: database, transaction } = request;
    for (const [shelf, { keyPath, index }] of Object.entries(shelves)) {
      const store = database.objectStoreNames.contains(shelf)
        ? transaction!.objectStore(shelf)
        : database.createObjectStore(shelf, { keyPath });
      if (index && !store.indexNames.contains(index)) store.createIndex(index, index);
    }
  };
  return settled(request);
}

/** The result of one request. Rejects with the request's DOMException. */
export function settled<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Runs `work` in one transaction; resolves with its result once everything is durable, or nothing is. */
export function write<Result>(
  database: IDBDatabase,
  stores: readonly string[],
  work: (transaction: IDBTransaction) => Promise<Result>,
): Promise<Result> {
  const transaction = database.transaction([...stores], "readwrite", { durability: "strict" });
  const complete = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new DOMException("aborted", "AbortError"));
  });
  return work(transaction).then(
    async (result) => {
      await complete;
      return result;
    },
    async (error: unknown) => {
      if (transaction.error === null) transaction.abort();
      await complete.catch(() => undefined);
      throw error;
    },
  );
}

/** Whether `error` says that this connection is of no use any more, and another may be. */
export function isLost(error: unknown): boolean {
  return error instanceof DOMException && (error.name === "InvalidStateError" || error.name === "UnknownError");
}

/** Reads through one store. */
export function read<Result>(
  database: IDBDatabase,
  store: string,
  work: (store: IDBObjectStore) => IDBRequest<Result>,
): Promise<Result> {
  return settled(work(database.transaction(store, "readonly").objectStore(store)));
}
