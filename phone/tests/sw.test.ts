/** What keeps the app on the phone: it opens without a network, and learns new servers and a new number without a new version. */
import { readFileSync } from "node:fs";
import { beforeEach, expect, test } from "vitest";
import { until } from "./support/waiting";

const SOURCE = readFileSync(new URL("../src/sw.js", import.meta.url), "utf8");
const ORIGIN = "https://a.example";
const FILES = ["./", "assets/app-1.js", "notes.svg"];
const page = (number: string, script = "assets/app-1.js") => `<meta name="sms" content="${number}"><script src="./${script}"></script>`;

/** A worker on its own: what it kept, what the network gives, and how it is asked. */
class Played {
  readonly kept = new Map<string, Map<string, Response>>();
  /** null: no network. */
  network: ((path: string) => Response | Promise<Response>) | null = () => new Response(page("1"));
  /** Ends what the worker gives only so much time. */
  readonly late = new AbortController();
  private readonly listeners = new Map<string, (event: object) => void>();
  readonly asked: string[] = [];
  private working: Promise<unknown>[] = [];

  constructor(files: readonly string[] = FILES) {
    const self = {
      location: { origin: ORIGIN },
      clients: { claim: async () => undefined },
      skipWaiting: async () => undefined,
      addEventListener: (name: string, listener: (event: object) => void) => this.listeners.set(name, listener),
    };
    // Written as a script of the browser's: its globals are these.
    const limits = { timeout: () => this.late.signal };
    new Function("self", "caches", "fetch", "AbortSignal", SOURCE.replace("__FILES__", JSON.stringify(files)))(self, this.caches, this.fetch, limits);
  }

  private readonly fetch = async (wanted: string | { url: string }, { signal }: { signal?: AbortSignal } = {}): Promise<Response> => {
    const path = typeof wanted === "string" ? wanted : `.${new URL(wanted.url).pathname}`;
    this.asked.push(path);
    if (this.network === null) throw new TypeError("no network");
    const given = this.network(path);
    return signal ? Promise.race([given, new Promise<never>((_done, end) => signal.addEventListener("abort", () => end(signal.reason)))]) : given;
  };

  private readonly caches = {
    open: async (name: string) => {
      if (!this.kept.has(name)) this.kept.set(name, new Map());
      const rows = this.kept.get(name)!;
      return { addAll: async (paths: string[]) => void (await Promise.all(paths.map(async (path) => rows.set(path, await this.fetch(path))))), put: async (path: string, reply: Response) => void rows.set(path, reply) };
    },
    keys: async () => [...this.kept.keys()],
    delete: async (name: string) => this.kept.delete(name),
    match: async (wanted: string | { url: string }, { cacheName }: { cacheName: string }) => this.kept.get(cacheName)?.get(typeof wanted === "string" ? wanted : wanted.url.slice(ORIGIN.length + 1))?.clone(),
  };

  async tell(name: string): Promise<void> {
    this.listeners.get(name)!({ waitUntil: (work: Promise<unknown>) => this.working.push(work) });
    await this.rest();
  }

  /** The worker's answer, or null where it leaves the request to the browser. */
  async ask(url: string, about: object = {}): Promise<string | null> {
    let answer: Promise<Response> | null = null;
    const event = { request: { method: "GET", mode: "no-cors", url, ...about }, respondWith: (given: Promise<Response>) => (answer = given), waitUntil: (work: Promise<unknown>) => this.working.push(work) };
    this.listeners.get("fetch")!(event);
    return answer && (await (answer as Promise<Response>)).text();
  }

  async rest(): Promise<void> {
    await Promise.all(this.working.splice(0));
  }

  /** The page is opened, and what that began has ended. */
  async open(): Promise<string | null> {
    const shown = await this.ask(`${ORIGIN}/?open=notes`, { mode: "navigate" });
    await this.rest();
    return shown;
  }
}

let worker: Played;

beforeEach(async () => {
  worker = new Played();
  await worker.tell("install");
  await worker.tell("activate");
});

test("the app opens without a network, as it was kept", async () => {
  worker.network = null;
  expect([await worker.open(), await worker.ask(`${ORIGIN}/notes.svg`)]).toEqual([page("1"), page("1")]);
});

test("a new number is kept for the next time, and stays without a network", async () => {
  worker.network = () => new Response(page("2"));
  expect([await worker.open(), await worker.open()]).toEqual([page("1"), page("2")]);
  worker.network = null;
  expect(await worker.open()).toBe(page("2"));
});

test.each([
  ["of another version", () => new Response(page("2", "assets/app-2.js"))],
  ["of somebody else", () => new Response("welcome to this network")],
  ["that is an error", () => new Response(page("2"), { status: 503 })],
])("a page %s changes nothing", async (_which, network) => {
  worker.network = network;
  await worker.open();
  expect(await worker.open()).toBe(page("1"));
});

test("a network that never answers holds it no longer than its limit, so that a new version can take its place", async () => {
  worker.network = () => new Promise(() => undefined);
  const opened = worker.open();
  worker.late.abort();
  expect(await opened).toBe(page("1"));
});

test("it never answers for a server, nor for another address", async () => {
  const asked = worker.asked.length;
  expect(await worker.ask(`${ORIGIN}/v1/messages`, { method: "POST" })).toBe(null);
  expect(await worker.ask("https://intake.example/v1/receipt-keys")).toBe(null);
  expect(worker.asked.length).toBe(asked);
});

test("a new version takes the place of the old one, and of nothing else before it is whole", async () => {
  const next = new Played([...FILES, "assets/app-22.js"]);
  for (const [name, rows] of worker.kept) next.kept.set(name, rows);
  await next.tell("install");
  expect(next.kept.size).toBe(2);
  await next.tell("activate");
  await until(() => next.kept.size === 1);
  expect([...next.kept.values()][0]!.size).toBe(FILES.length + 1);
});
