/**
 * What a played phone has in the place of time, chance, network and browser. Imported before all else, because libraries
 * keep what they find when they are read.
 */
import { createHash, createPrivateKey, createPublicKey, scryptSync } from "node:crypto";
import { type Bytes, fromHex, toHex, utf8 } from "../../src/core/bytes";

type Did = readonly unknown[];
type Settle = { resolve(response: object): void; reject(error: Error): void };

// DER of a private key of Ed25519 up to its seed (RFC 8410).
const PKCS8 = "302e020100300506032b657004220420";
const turned = setImmediate;

/** All that a history says of this phone; what it did, in its order. */
export const world = {
  /** Since the history began, and how far the phone's clock is ahead of that, in µs. */
  nowUs: 0,
  aheadUs: 0,
  seed: "",
  did: [] as Did[],
  asked: 0,
  waiting: new Map<number, Settle>(),
  timers: new Map<number, { readonly atUs: number; readonly run: () => void }>(),
};

let begun = 0;
let timer = 0;

/** The same for both phones, and at each moment another. */
function drawn(what: string): Buffer {
  return createHash("sha256").update(`${what} ${world.nowUs}`).digest();
}

/** Until nothing goes on that does not wait for time or for the network. */
export async function settled(): Promise<void> {
  for (;;) {
    await new Promise((resolve) => turned(resolve));
    if (begun > 0) continue;
    const told = beside.shift();
    if (told === undefined) return;
    await told();
  }
}

export function nextUs(): number {
  return Math.min(...[...world.timers.values()].map(({ atUs }) => atUs), Infinity);
}

/** Runs what is due until `untilUs`, one after the other. */
export async function pass(untilUs: number): Promise<void> {
  await settled();
  for (;;) {
    const [id, due] = [...world.timers].reduce<[number, { atUs: number; run: () => void } | null]>(
      (first, [other, timer]) => (timer.atUs <= untilUs && timer.atUs < (first[1]?.atUs ?? Infinity) ? [other, timer] : first),
      [0, null],
    );
    if (due === null) break;
    world.timers.delete(id);
    world.nowUs = Math.max(world.nowUs, due.atUs);
    due.run();
    await settled();
  }
  world.nowUs = Math.max(world.nowUs, untilUs);
}

/**
 * What the platform does beside the page ends when all else rests, one thing after the other in the order in which it was
 * begun: a history goes the same way each time.
 */
const beside: (() => Promise<void>)[] = [];
function inOrder<Result>(work: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const ended = work.then((result) => () => resolve(result), (error: unknown) => () => reject(error));
    beside.push(() => ended.then((tell) => tell()));
  });
}

function ask(url: string, { body }: { body?: Bytes | string } = {}): Promise<object> {
  const id = world.asked++;
  world.did.push(["ask", id, url, body === undefined ? "" : toHex(typeof body === "string" ? utf8(body) : body)]);
  return new Promise((resolve, reject) => world.waiting.set(id, { resolve, reject }));
}

/** The key of this history instead of one that nobody knows. */
async function ownKey(): Promise<object> {
  const pkcs8 = fromHex(PKCS8 + world.seed);
  const spki = createPublicKey(createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" })).export({ format: "der", type: "spki" });
  const { importKey } = subtle;
  const privateKey = await importKey.call(subtle, "pkcs8", pkcs8, { name: "Ed25519" }, false, ["sign"]);
  const publicKey = await importKey.call(subtle, "raw", new Uint8Array(spki.subarray(-32)), { name: "Ed25519" }, true, ["verify"]);
  return { privateKey, publicKey };
}

/** Stretches codes at a 32nd of the cost, as in the companion's tests: what is kept, sent and shown is the same. */
class PlayedWorker {
  onmessage: (event: { data: Uint8Array }) => void = () => undefined;

  postMessage([code, salt]: readonly [string, Uint8Array]): void {
    const data = new Uint8Array(scryptSync(code, salt, 32, { N: 2 ** 10, r: 8, p: 1 }));
    setImmediate(() => this.onmessage({ data }));
  }

  terminate(): void {}
}

const subtle = crypto.subtle;
const playedSubtle = new Proxy(subtle, {
  get: (_target, name) => (...parameters: readonly unknown[]) => {
    const isOwnKey = name === "generateKey" && (parameters[0] as { name: string }).name === "Ed25519";
    const real = Reflect.get(subtle, name) as (...all: readonly unknown[]) => Promise<unknown>;
    return inOrder(isOwnKey ? ownKey() : real.apply(subtle, [...parameters]));
  },
});
const getRandomValues = crypto.getRandomValues.bind(crypto);

/** A page that nobody looks at; the one before it is forgotten with all that listened to it. */
export function freshPage(): void {
  place("document", Object.assign(new EventTarget(), { visibilityState: "hidden", documentElement: {} }));
}

function place(name: string, value: unknown, where: object = globalThis): void {
  Object.defineProperty(where, name, { value, configurable: true, writable: true });
}

place("subtle", playedSubtle, crypto);
// A salt is sent, by what is made of it; all else that is random stays in the phone.
place("getRandomValues", (bytes: Bytes) => (bytes.length === 16 ? (bytes.set(drawn("fresh").subarray(0, 16)), bytes) : getRandomValues(bytes)), crypto);
place("random", () => (drawn("chance").readUInt32BE() % 1000) / 1000, Math);
place("now", () => Math.floor((world.nowUs + world.aheadUs) / 1000), Date);
place("setImmediate", (run: () => void) => {
  begun += 1;
  return turned(() => {
    begun -= 1;
    run();
  });
});
place("setTimeout", (run: () => void, ms = 0) => {
  world.timers.set(++timer, { atUs: world.nowUs + Math.round(ms * 1000), run });
  return timer;
});
place("clearTimeout", (id: number) => void world.timers.delete(id));
// The page proves itself each minute while somebody looks at it: here nobody does.
place("setInterval", () => 0);
place("fetch", ask);
place("Worker", PlayedWorker);
place("navigator", { languages: ["fr"], onLine: true, vibrate: (pattern: readonly number[]) => world.did.push(["vibrates", [...pattern]]) });
place("addEventListener", () => undefined);
place("self", {});
