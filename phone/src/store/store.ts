/**
 * What the phone remembers over a closed page, a crash and a flat battery: its keys, its counter, every message until
 * it is receipted. Everything personal is sealed under a key that the platform never gives out.
 */
import { type Bytes, equal, utf8 } from "../core/bytes";
import { Kind, type Message } from "../core/envelope";
import { type DeviceKey, freshKey, seal } from "../core/keys";
import type { Receipt } from "../core/receipt";
import { nextCounter } from "../core/rules";
import { isLost, openDatabase, read, settled, write } from "./database";
import {
  type OutboxRow, type Outgoing, PHONE, PRESS, type PhoneRow, type Press, type Sealed, type SealedRow, addedOnce, isAtRest, noteHighest, over,
  seldomer,
} from "./rows";

export type { Outgoing, Press } from "./rows";

const OUTBOX = "outbox";
const KIND = "kind";
// For messages that are sent from memory alone: enough for hours, and reserved before anybody enters a code.
const RESERVED = 4096;
const SHELVES = { [PHONE]: { keyPath: "id" }, [PRESS]: { keyPath: "counter" }, [OUTBOX]: { keyPath: "counter", index: KIND } };
// What a person did goes before where she is, and that before sound. Of places the newest counts, of all else the first.
const IN_TURN: readonly (readonly [Kind, IDBCursorDirection])[] = [
  [Kind.CANCEL, "next"],
  [Kind.TEXT, "next"],
  [Kind.TEST, "next"],
  [Kind.NOTICE, "next"],
  [Kind.POSITION, "prev"],
  [Kind.HEARTBEAT, "prev"],
  [Kind.AUDIO, "next"],
];

/** What a kit's settings and the person's own choices are, by name; each sealed as JSON. */
export type Remembered =
  | "enrolment" | "choices" | "servers" | "told" | "button" | "button-settings" | "push" | "checked" | "compartments";

export class PhoneStore {
  private reserved = { next: 0, end: 0 };
  private turn: Promise<void> = Promise.resolve();

  private constructor(
    private readonly name: string,
    private database: IDBDatabase,
    private readonly row: PhoneRow,
  ) {}

  /** Opens the store; at the first visit it makes the keys. */
  static async open(name = "notes"): Promise<PhoneStore> {
    const database = await openDatabase(name, SHELVES);
    const known = await read<PhoneRow | undefined>(database, PHONE, (store) => store.get(1));
    if (known) return new PhoneStore(name, database, known);
    // Two windows may come here at once: the first one's keys are everybody's.
    const sealing = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    const fresh: PhoneRow = { id: 1, key: await freshKey(), sealing, nextCounter: 1, buttonHighest: 0 };
    const kept = await write(database, [PHONE], async (tx) => {
      const first = await settled<PhoneRow | undefined>(tx.objectStore(PHONE).get(1));
      if (first) return first;
      await settled(tx.objectStore(PHONE).put(fresh));
      return fresh;
    });
    return new PhoneStore(name, database, kept);
  }

  get key(): DeviceKey {
    return this.row.key;
  }

  // -- the connection ------------------------------------------------------------------------------------------

  /** Platforms take it away, from a page that slept for instance: then `work`, which is all or nothing, is done on a new one. */
  private async using<Result>(work: (database: IDBDatabase) => Promise<Result>): Promise<Result> {
    const { database } = this;
    try {
      return await work(database);
    } catch (error) {
      if (!isLost(error)) throw error;
      database.close();
      if (this.database === database) this.database = await this.reopened();
      return work(this.database);
    }
  }

  /** Rejects with a DOMException when the keys are gone: what is kept beside others would be nobody's. */
  private async reopened(): Promise<IDBDatabase> {
    const database = await openDatabase(this.name, SHELVES);
    const phone = await read<PhoneRow | undefined>(database, PHONE, (store) => store.get(1));
    if (phone && equal(phone.key.kid, this.key.kid)) return database;
    database.close();
    throw new DOMException("the keys of this phone are gone", "NotFoundError");
  }

  private write<Result>(stores: readonly string[], work: (transaction: IDBTransaction) => Promise<Result>): Promise<Result> {
    return this.using((database) => write(database, stores, work));
  }

  private read<Result>(store: string, work: (store: IDBObjectStore) => IDBRequest<Result>): Promise<Result> {
    return this.using((database) => read(database, store, work));
  }

  // -- what is remembered by name ------------------------------------------------------------------------------

  async recall<Content>(name: Remembered): Promise<Content | null> {
    const row = await this.read<SealedRow | undefined>(PHONE, (store) => store.get(name));
    return row ? (JSON.parse(new TextDecoder().decode(await this.unseal(row.sealed, name))) as Content) : null;
  }

  remember(name: Remembered, content: object): Promise<void> {
    return this.rememberAll({ [name]: content });
  }

  /** All of it, or nothing. */
  async rememberAll(contents: Partial<Record<Remembered, object>>): Promise<void> {
    const made = Object.entries(contents).map(async ([id, content]) => ({ id, sealed: await this.seal(utf8(JSON.stringify(content)), id) }));
    const rows: SealedRow[] = await Promise.all(made);
    await this.write([PHONE], async (tx) => {
      for (const row of rows) await settled(tx.objectStore(PHONE).put(row));
    });
  }

  // -- presses and messages ------------------------------------------------------------------------------------

  /** Whether the button's press `counter` is kept. */
  async hasButtonPress(counter: number): Promise<boolean> {
    return (await this.presses()).some((press) => press.buttonCounter === counter);
  }

  /** The highest counter of the button that was ever accepted. */
  async buttonHighest(): Promise<number> {
    return (await this.read<PhoneRow>(PHONE, (store) => store.get(1))).buttonHighest;
  }

  /** The button said this, and it was no press; nothing up to here counts again. */
  async noteButton(counter: number): Promise<void> {
    await this.write([PHONE], (tx) => noteHighest(tx, counter));
  }

  /**
   * Keeps a press; on the disk when it resolves. `message.counter` is given here.
   *
   * Null when this press of the button was kept meanwhile by a repetition or another window.
   */
  async addPress(message: Message, buttonCounter: number | null, kid: string, nowMs: number): Promise<Outgoing | null> {
    const outgoing = await this.sealedFor(message);
    const press: Press = {
      counter: outgoing.counter,
      buttonCounter,
      alarm: `${kid}-${outgoing.counter}`,
      state: "",
      receivedAtMs: null,
      madeAtMs: nowMs,
      closedAtMs: null,
    };
    const row = await this.outboxRow(outgoing, message);
    const isNew = await this.write([PHONE, PRESS, OUTBOX], async (tx) => {
      if (!(await addedOnce(tx, press))) return false;
      await settled(tx.objectStore(OUTBOX).add(row));
      return true;
    });
    return isNew ? outgoing : null;
  }

  /** Keeps a test: it is no press, but the button's counter goes on. */
  async addTest(message: Message, buttonCounter: number | null): Promise<void> {
    const outgoing = await this.sealedFor(message);
    const row = await this.outboxRow(outgoing, message);
    await this.write([PHONE, PRESS, OUTBOX], async (tx) => {
      // Kept like a press that is over, so that the button's repetition of it is known.
      if (!(await addedOnce(tx, over(outgoing.counter, buttonCounter)))) return;
      await settled(tx.objectStore(OUTBOX).add(row));
    });
  }

  /** Keeps any other message. A heartbeat at rest takes the place of those that wait. */
  async add(message: Message): Promise<Outgoing> {
    const outgoing = await this.sealedFor(message);
    const row = await this.outboxRow(outgoing, message);
    const stale = isAtRest(row) ? (await this.rows(Kind.HEARTBEAT)).filter(isAtRest) : [];
    await this.write([OUTBOX], async (tx) => {
      for (const old of stale) await settled(tx.objectStore(OUTBOX).delete(old.counter));
      await settled(tx.objectStore(OUTBOX).add(row));
    });
    return outgoing;
  }

  /** A counter is durable before it is used, so that a crash wastes one and never uses one twice. */
  private async sealedFor(message: Message): Promise<Outgoing> {
    return this.signed(message, await this.counters(1));
  }

  private async signed(message: Message, counter: number): Promise<Outgoing> {
    return { counter, kind: message.kind, data: await seal({ ...message, counter }, this.row.key), refused: 0 };
  }

  /** The first of `count` counters that nobody else uses. */
  private counters(count: number): Promise<number> {
    return this.write([PHONE], async (tx) => {
      const phone = await settled<PhoneRow>(tx.objectStore(PHONE).get(1));
      await settled(tx.objectStore(PHONE).put({ ...phone, nextCounter: phone.nextCounter + count }));
      return phone.nextCounter;
    });
  }

  /** Counters for what is never kept, ahead of its use and above that of a press: then `sealedUntraced` writes nothing. */
  reserve(above = 0): Promise<void> {
    return this.inTurn(() => this.takeMore(above));
  }

  /**
   * Signs a message that is never kept. On a full disk it may have to do without naming its press. Rejects with a
   * DOMException when no counter was reserved, nor can be.
   */
  async sealedUntraced(message: Message): Promise<Outgoing> {
    const [counter, isAbove] = await this.inTurn(async () => {
      const hasMore = await this.takeMore(message.press ?? 0).then(() => true, () => false);
      if (!hasMore) await this.takeMore(0);
      return [this.reserved.next++, hasMore] as const;
    });
    return this.signed(isAbove ? message : { ...message, press: null }, counter);
  }

  private async takeMore(above: number): Promise<void> {
    if (this.reserved.next < this.reserved.end && this.reserved.next > above) return;
    const next = await this.counters(RESERVED);
    this.reserved = { next, end: next + RESERVED };
  }

  /** One after the other: who asks while others reserve takes of theirs and writes nothing, and no counter goes twice. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.turn.then(work);
    this.turn = done.then(() => undefined, () => undefined);
    return done;
  }

  private async outboxRow(outgoing: Outgoing, message: Message): Promise<OutboxRow> {
    const sealed = await this.seal(outgoing.data, `outbox ${outgoing.counter}`);
    return { counter: outgoing.counter, kind: outgoing.kind, press: message.press, refused: 0, sealed };
  }

  /** Presses without receipt, oldest first. */
  async unsentPresses(): Promise<Outgoing[]> {
    return Promise.all((await this.rows(Kind.PRESS)).map((row) => this.outgoing(row)));
  }

  /**
   * The other message without receipt whose turn it is, none of the kinds `but`. One that was refused comes after all others, and the more often
   * the later: one that is refused for good must not keep the rest from being tried again.
   */
  async nextOther(but: ReadonlySet<Kind> = new Set()): Promise<Outgoing | null> {
    let refused: OutboxRow | null = null;
    for (const [kind, direction] of IN_TURN) {
      if (but.has(kind)) continue;
      const row = await this.firstOf(kind, direction);
      if (row?.refused === 0) return this.outgoing(row);
      if (row) refused = seldomer(refused, row);
    }
    return refused && this.outgoing(refused);
  }

  /** The first one of a kind that was not refused, else the one that was refused least. Hours of unsent sound are not read for it. */
  private firstOf(kind: Kind, direction: IDBCursorDirection): Promise<OutboxRow | null> {
    return this.using((database) => {
      const index = database.transaction(OUTBOX, "readonly").objectStore(OUTBOX).index(KIND);
      const cursor = index.openCursor(IDBKeyRange.only(kind), direction);
      let first: OutboxRow | null = null;
      return new Promise((resolve, reject) => {
        cursor.onerror = () => reject(cursor.error);
        cursor.onsuccess = () => {
          const row = cursor.result?.value as OutboxRow | undefined;
          if (row === undefined || row.refused === 0) return resolve(row ?? first);
          first = seldomer(first, row);
          cursor.result!.continue();
        };
      });
    });
  }

  private rows(kind: Kind): Promise<OutboxRow[]> {
    return this.read<OutboxRow[]>(OUTBOX, (store) => store.index(KIND).getAll(kind));
  }

  private async outgoing(row: OutboxRow): Promise<Outgoing> {
    const data = await this.unseal(row.sealed, `outbox ${row.counter}`);
    return { counter: row.counter, kind: row.kind, data, refused: row.refused };
  }

  /** Remembers how the server refused; the message stays. */
  async noteRefusal(counter: number, status: number): Promise<void> {
    await this.write([OUTBOX], async (tx) => {
      const row = await settled<OutboxRow | undefined>(tx.objectStore(OUTBOX).get(counter));
      if (row) await settled(tx.objectStore(OUTBOX).put({ ...row, refused: status, refusals: (row.refusals ?? 0) + 1 }));
    });
  }

  /** The server keeps `sent`, so the phone forgets its bytes. True when the state of the alarm is news. */
  async takeReceipt(sent: Outgoing, receipt: Receipt, nowMs: number): Promise<boolean> {
    return this.write([PHONE, PRESS, OUTBOX], async (tx) => {
      await settled(tx.objectStore(OUTBOX).delete(sent.counter));
      const phone = await settled<PhoneRow>(tx.objectStore(PHONE).get(1));
      const following = nextCounter(phone.nextCounter, receipt.next_counter);
      await settled(tx.objectStore(PHONE).put({ ...phone, nextCounter: following }));
      const presses = await settled<Press[]>(tx.objectStore(PRESS).getAll());
      let isNews = false;
      for (const press of presses) {
        const mine = sent.kind === Kind.PRESS && press.counter === sent.counter;
        if (!mine && (receipt.alarm === "" || press.alarm !== receipt.alarm)) continue;
        isNews ||= press.state !== receipt.state;
        const receivedAtMs = mine ? receipt.received_at : press.receivedAtMs;
        const closedAtMs = receipt.state === "closed" ? (press.closedAtMs ?? nowMs) : null;
        const { alarm, state } = receipt;
        await settled(tx.objectStore(PRESS).put({ ...press, alarm, state, receivedAtMs, closedAtMs }));
      }
      return isNews;
    });
  }

  /** The newest press whose alarm is not closed, one with a receipt before others; null at rest. */
  async openPress(): Promise<Press | null> {
    const open = (await this.presses()).filter((press) => press.state !== "closed");
    open.sort(
      (one, other) => Number(one.receivedAtMs === null) - Number(other.receivedAtMs === null) || other.counter - one.counter,
    );
    return open[0] ?? null;
  }

  /** The press whose position is sent: the open one, else the last one whose alarm was closed less than `tailMs` ago. */
  async followedPress(nowMs: number, tailMs: number): Promise<Press | null> {
    const open = await this.openPress();
    if (open) return open;
    const inTail = ({ closedAtMs }: Press) => closedAtMs !== null && nowMs >= closedAtMs && nowMs - closedAtMs < tailMs;
    return (await this.presses()).filter(inTail).sort((one, other) => other.counter - one.counter)[0] ?? null;
  }

  /**
   * Of alarms that were closed more than `tailMs` ago, nothing stays that tells of an alarm. One that was closed before
   * the clock was set back is none of them: its positions go on once the clock is there again.
   */
  async forgetOver(nowMs: number, tailMs: number): Promise<void> {
    const isOver = ({ closedAtMs }: Press) => closedAtMs !== null && nowMs - closedAtMs >= tailMs;
    const old = (await this.presses()).filter(isOver);
    if (old.length === 0) return;
    await this.write([PRESS], async (tx) => {
      for (const { counter, buttonCounter } of old) await settled(tx.objectStore(PRESS).put(over(counter, buttonCounter)));
    });
  }

  presses(): Promise<Press[]> {
    return this.read<Press[]>(PRESS, (store) => store.getAll());
  }

  // -- sealing -------------------------------------------------------------------------------------------------

  private async seal(plain: Bytes, label: string): Promise<Sealed> {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const parameters = { name: "AES-GCM", iv, additionalData: utf8(label) };
    return { iv, data: await crypto.subtle.encrypt(parameters, this.row.sealing, plain) };
  }

  private async unseal(sealed: Sealed, label: string): Promise<Bytes> {
    const parameters = { name: "AES-GCM", iv: sealed.iv, additionalData: utf8(label) };
    return new Uint8Array(await crypto.subtle.decrypt(parameters, this.row.sealing, sealed.data));
  }
}
