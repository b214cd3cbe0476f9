/** A thin promise face on IndexedDB. Every write is strict: it is on the disk when its promise resolves. */

/** Opens the database, making its stores at the first visit. */
export function openDatabase(name: string, stores: Readonly<Record<string, IDBObjectStoreParameters>>): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    for (const [store, parameters] of Object.entries(stores)) request.result.createObjectStore(store, parameters);
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

/** Reads through one store. */
export function read<Result>(
  database: IDBDatabase,
  store: string,
  work: (store: IDBObjectStore) => IDBRequest<Result>,
): Promise<Result> {
  return settled(work(database.transaction(store, "readonly").objectStore(store)));
}
