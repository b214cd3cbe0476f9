/** Carrying a message to a real server on the loopback: by every road, with the same bytes, until a receipt verifies. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Bytes, toBase64url } from "../src/core/bytes";
import { enrolmentRequest } from "../src/core/enrolment";
import { Kind } from "../src/core/envelope";
import { type DeviceKey, freshKey, seal } from "../src/core/keys";
import { Limited, Refused, ServersAway, Unreachable } from "../src/transport/failures";
import { Kept, Sender } from "../src/transport/sender";
import { type Answer, Intake, away, limited, refused } from "./support/intake";
import { holdTimers, message } from "./support/phones";
import { until } from "./support/waiting";

const open: Intake[] = [];
let serverKey: DeviceKey;
let press: Bytes;

beforeEach(async () => {
  serverKey = await freshKey();
  press = await seal({ ...message(Kind.PRESS), counter: 1 }, await freshKey());
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  for (const intake of open.splice(0)) await intake.close();
});

/** An intake of this installation, with what it answers; by itself it signs for everything. */
function intake(...answers: Answer[]): Promise<Intake> {
  return intakeOf(serverKey, ...answers);
}

async function intakeOf(key: DeviceKey, ...answers: Answer[]): Promise<Intake> {
  const made = await Intake.open(key);
  made.plan(Kind.PRESS, ...answers);
  open.push(made);
  return made;
}

/** An address at which nobody answers any more. */
async function nobody(): Promise<Intake> {
  const gone = await intake();
  const { url } = gone;
  await gone.close();
  return Object.defineProperty(gone, "url", { value: url });
}

function senderTo(...servers: Intake[]): Sender {
  const sender = new Sender(servers.map(({ url }) => url));
  sender.trust(servers[0]!.enrolment({}, []));
  return sender;
}

const failure = (sending: Promise<unknown>) => sending.then(() => null, (error: unknown) => error);
const forged = (receipt: object): Answer => ({ status: 201, body: JSON.stringify(receipt) });

describe("a message", () => {
  test("arrives as it is and brings its receipt", async () => {
    const server = await intake();
    const receipt = await senderTo(server).send(press);
    expect(server.got).toEqual([press]);
    expect(receipt).toEqual(await server.receipt(press));
    const { method, url, headers } = server.requests[0]!;
    expect([method, url, headers["content-type"]]).toEqual(["POST", "/v1/messages", "application/cose"]);
  });

  test("tells nothing but itself: no cookie, no page that it comes from", async () => {
    const server = await intake();
    await senderTo(server).send(press);
    const { cookie, referer, authorization } = server.requests[0]!.headers;
    expect([cookie, referer, authorization]).toEqual([undefined, undefined, undefined]);
  });

  test("goes on being sent when the page is closed in this moment, unless it is too long for that", async () => {
    const fetched = vi.spyOn(globalThis, "fetch");
    const sender = senderTo(await intake());
    await sender.send(press);
    await sender.send(await seal({ ...message(Kind.AUDIO, { body: new Uint8Array(70_000) }), counter: 2 }, await freshKey()));
    expect(fetched.mock.calls.map(([, init]) => init?.keepalive)).toEqual([true, false]);
  });
});

describe("a receipt", () => {
  test("is believed only when the pinned key signed it", async () => {
    const server = await intake();
    const sender = new Sender([server.url]);
    sender.trust({ ...server.enrolment(), server_key: toBase64url((await freshKey()).publicKey) });
    expect(await failure(sender.send(press))).toEqual(new Refused(201, "the receipt is not signed by our server"));
  });

  test("is not believed before there is a key to believe", async () => {
    const server = await intake();
    expect(await failure(new Sender([server.url]).send(press))).toMatchObject({ status: 201 });
  });

  test.each(["seq", "received_at"] as const)("is not believed when its %s was changed", async (field) => {
    const server = await intake();
    const right = await server.receipt(press);
    server.plan(Kind.PRESS, forged({ ...right, [field]: right[field] + 1 }), forged(right));
    const sender = senderTo(server);
    expect(await failure(sender.send(press))).toMatchObject({ status: 201 });
    expect(await sender.send(press)).toEqual(right);
  });

  test("for other bytes is none", async () => {
    const server = await intake();
    const other = await seal({ ...message(Kind.PRESS), counter: 2 }, await freshKey());
    server.plan(Kind.PRESS, forged(await server.receipt(other)));
    expect(await failure(senderTo(server).send(press))).toMatchObject({ status: 201 });
  });

  test.each(["thanks", "", "null", "[]", "{}", '"ok"', '{"seq": 1'])("is not %j", async (body) => {
    expect(await failure(senderTo(await intake({ status: 201, body })).send(press))).toMatchObject({ status: 201 });
  });

  test("comes with 201 and with nothing else", async () => {
    const server = await intake();
    server.plan(Kind.PRESS, { status: 200, body: JSON.stringify(await server.receipt(press)) });
    expect(await failure(senderTo(server).send(press))).toMatchObject({ status: 200 });
  });
});

describe("a receipt of a machine that only keeps the message", () => {
  const kept = { seq: 0, alarm: "", state: "kept" };

  async function keeping(): Promise<Intake> {
    const server = await intake();
    server.says = kept;
    server.plan(Kind.PRESS, { status: 202, body: JSON.stringify(await server.receipt(press)) });
    server.says = {};
    return server;
  }

  test("is no end: the same bytes go on until one says more", async () => {
    const server = await keeping();
    const sender = senderTo(server);
    expect(await failure(sender.send(press))).toBeInstanceOf(Kept);
    expect(await sender.send(press)).toMatchObject({ state: "received" });
    expect(server.got).toEqual([press, press]);
  });

  test("lets the other addresses be tried, and is what counts when they have less", async () => {
    const other = await intakeOf(serverKey);
    expect(await senderTo(await keeping(), other).send(press)).toMatchObject({ state: "received" });
    other.plan(Kind.PRESS, limited("1"));
    expect(await failure(senderTo(await keeping(), other, await nobody()).send(press))).toBeInstanceOf(Kept);
  });

  test("is believed only when the pinned key signed it", async () => {
    const sender = senderTo(await intake({ status: 202, body: JSON.stringify({ ...(await (await intake()).receipt(press)), ...kept }) }));
    expect(await failure(sender.send(press))).toEqual(new Refused(201, "the receipt is not signed by our server"));
  });
});

describe("a refusal", () => {
  test.each([400, 401, 404, 409, 413, 429, 500, 503, 507])("%i is told with the server's reason", async (status) => {
    const error = await failure(senderTo(await intake(refused(status, "its-reason"))).send(press));
    expect(error).toBeInstanceOf(Refused);
    expect(error).toMatchObject({ status, reason: "its-reason", message: `${status} its-reason` });
  });

  test.each([
    ["an error page", "<html>Bad gateway"],
    ["a reason that is none", '{"reason": 7}'],
    ["nothing", "null"],
  ])("with %s for a body has an empty reason", async (_what, body) => {
    expect(await failure(senderTo(await intake({ status: 502, body })).send(press))).toMatchObject({ status: 502, reason: "" });
  });

  test("never fills the log: its reason is cut", async () => {
    const error = await failure(senderTo(await intake(refused(500, "x".repeat(1000)))).send(press));
    expect((error as Refused).reason).toBe("x".repeat(80));
  });
});

describe("no answer", () => {
  test.each(["cut", { status: 307, location: "/elsewhere" }] as Answer[])("is what %j is", async (answer) => {
    const server = await intake(answer);
    expect(await failure(senderTo(server).send(press))).toBeInstanceOf(Unreachable);
    expect(server.requests).toHaveLength(1);
  });

  test("is what a port is at which nobody listens", async () => {
    const error = await failure(senderTo(await nobody(), await nobody()).send(press));
    expect(error).toEqual(new Unreachable("none of 2 addresses answered"));
  });

  test("is waited for seven seconds, and no longer", async () => {
    holdTimers();
    const limit = vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
      const ending = new AbortController();
      setTimeout(() => ending.abort(new DOMException("late", "TimeoutError")), ms);
      return ending.signal;
    });
    const server = await intake("mute");
    const sending = failure(senderTo(server).send(press));
    await until(() => server.got.length === 1);
    vi.advanceTimersByTime(6999);
    expect(limit.mock.results[0]!.value.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(await sending).toBeInstanceOf(Unreachable);
  });

  test("in the midst of the receipt is no receipt", async () => {
    const server = await intake("cut-late");
    const sender = senderTo(server);
    expect(await failure(sender.send(press))).toMatchObject({ status: 201 });
    await sender.send(press);
    expect(server.got).toEqual([press, press]);
  });
});

describe("of several words", () => {
  test("the limit that passes first counts, unless one keeps it", async () => {
    const limits = [await intake(limited("7")), await intake(refused(404)), await intake(limited("3")), await intake(limited("5"))] as const;
    expect(await failure(senderTo(...limits).send(press))).toEqual(new Limited("too-many-messages", 3000));
    expect(limits.map(({ got }) => got.length)).toEqual([1, 1, 1, 1]);
  });

  test("servers that are away count before a refusal and behind a limit, the one that is back first", async () => {
    const some = [await intake(refused(401)), await intake(away(502, "7")), await intake(away(507, "3")), await intake(refused(409))] as const;
    expect(await failure(senderTo(...some).send(press))).toEqual(new ServersAway(507, "journal-unavailable", 3000));
    expect(some.map(({ got }) => got.length)).toEqual([1, 1, 1, 1]);
    const others = [await intake(away(504)), await intake(limited("9")), await intake(away(503))] as const;
    expect(await failure(senderTo(...others).send(press))).toEqual(new Limited("too-many-messages", 9000));
  });
});

describe("of several addresses", () => {
  test("the next one is tried when one is dead, with the same bytes", async () => {
    const [dead, alive] = [await nobody(), await intake()];
    expect(await senderTo(dead, alive).send(press)).toEqual(await alive.receipt(press));
    expect(alive.got).toEqual([press]);
  });

  test.each([401, 409, 429, 500, 502, 503, 504, 507])("the next one is tried when one says %i", async (status) => {
    const servers = [await intake(refused(status)), await intake()] as const;
    await senderTo(...servers).send(press);
    expect(servers.map(({ got }) => got)).toEqual([[press], [press]]);
  });

  test.each([
    ["another key signed the receipt", async () => intakeOf(await freshKey())],
    ["something else answers in its place", () => intake({ status: 201, body: '{"welcome": "guest"}' })],
    ["the receipt is cut off", () => intake("cut-late")],
  ])("the next one is tried when %s, and is the good one from then on", async (_what, opened) => {
    const [strange, ours] = [await opened(), await intake()];
    const sender = new Sender([strange.url, ours.url]);
    sender.trust(ours.enrolment());
    expect(await sender.send(press)).toEqual(await ours.receipt(press));
    await sender.send(press);
    expect([strange.got.length, ours.got.length]).toEqual([1, 2]);
  });

  test("the one that answered last comes first", async () => {
    const [sick, well] = [await intake("cut"), await intake()];
    const sender = senderTo(sick, well);
    await sender.send(press);
    await sender.send(press);
    expect([sick.got.length, well.got.length]).toEqual([1, 2]);
  });

  test("the first is tried again when the later one fails", async () => {
    const servers = [await intake("cut"), await intake()] as const;
    const sender = senderTo(...servers);
    await sender.send(press);
    servers[1].plan(Kind.PRESS, refused(503));
    await sender.send(press);
    expect(servers.map(({ got }) => got.length)).toEqual([2, 2]);
  });

  test("one that refuses says more than others that are silent", async () => {
    expect(await failure(senderTo(await intake(refused(401)), await nobody()).send(press))).toMatchObject({ status: 401 });
    expect(await failure(senderTo(await nobody(), await intake(refused(401))).send(press))).toMatchObject({ status: 401 });
  });
});

describe("an address that says nothing", () => {
  test("is not waited for alone, and the other's receipt ends it", async () => {
    holdTimers();
    const [silent, well] = [await intake("mute"), await intake()];
    const sending = senderTo(silent, well).send(press);
    await until(() => silent.got.length === 1);
    vi.advanceTimersByTime(1499);
    expect(well.got).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(await sending).toEqual(await well.receipt(press));
    expect([silent.got, well.got]).toEqual([[press], [press]]);
  });

  test("counts as well when it answers after all and the other has no receipt", async () => {
    holdTimers();
    const [slow, sick] = [await intake(), await intake(refused(503))];
    let answer = () => {};
    slow.script = () => new Promise((resolve) => (answer = () => resolve(null)));
    const sending = senderTo(slow, sick).send(press);
    await until(() => slow.got.length === 1);
    vi.advanceTimersByTime(1500);
    await until(() => sick.got.length === 1);
    answer();
    expect(await sending).toEqual(await slow.receipt(press));
  });

  test("is waited for by a code, which counts once", async () => {
    holdTimers();
    const [silent, well] = [await intake(), await intake()];
    silent.enrolling = "mute";
    const request = await enrolmentRequest("ABCD-1234", await freshKey(), { kind: "web", version: "0.1.0" });
    void senderTo(silent, well).enrol(request).catch(() => {});
    await until(() => silent.requests.length === 1);
    vi.advanceTimersByTime(6000);
    expect(well.requests).toEqual([]);
  });
});

describe("the addresses", () => {
  test("of the enrolment are used too, each once, and none that shows the message to the network", async () => {
    const [page, enrolled] = [await intake("cut", "cut"), await intake("cut", "cut")];
    const sender = new Sender([`${page.url}/`]);
    sender.trust(page.enrolment({}, [page.url, "http://egide.example", "no address", enrolled.url]));
    const fetched = vi.spyOn(globalThis, "fetch");
    expect(await failure(sender.send(press))).toEqual(new Unreachable("none of 2 addresses answered"));
    expect(fetched.mock.calls.map(([url]) => url)).toEqual([`${page.url}/v1/messages`, `${enrolled.url}/v1/messages`]);
  });

  test("of the page are refused at once when one shows the message to the network", () => {
    expect(() => new Sender(["https://egide.example", "http://egide.example"])).toThrow(RangeError);
  });
});

test("a key of the server that is none is refused before anything is sent", async () => {
  const server = await intake();
  const sender = new Sender([server.url]);
  expect(() => sender.trust({ ...server.enrolment(), server_key: "AAAA" })).toThrow(RangeError);
});

describe("an enrolment", () => {
  test("asks with the code and the new key, and gives the answer as it came", async () => {
    const server = await intake();
    server.enrolling = { status: 201, body: JSON.stringify(server.enrolment()) };
    const fetched = vi.spyOn(globalThis, "fetch");
    const request = await enrolmentRequest("ABCD-1234", await freshKey(), { kind: "web", version: "0.1.0" });
    expect(await new Sender([server.url]).enrol(request)).toEqual(server.enrolment());
    const [url, init] = fetched.mock.calls[0]!;
    expect([url, JSON.parse(init!.body as string)]).toEqual([`${server.url}/v1/enrolments`, request]);
    expect(new Headers(init!.headers).get("content-type")).toBe("application/json");
  });

  test("with a code that opens nothing is refused", async () => {
    const request = await enrolmentRequest("ABCD-1234", await freshKey(), { kind: "web", version: "0.1.0" });
    expect(await failure(new Sender([(await intake()).url]).enrol(request))).toMatchObject({ status: 404 });
  });
});
