/** An intake on the loopback: it signs for what it got, or answers what the test wants. */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { createHmac } from "node:crypto";
import { type Bytes, fromBase64url, joined, toBase64url, toHex, utf8 } from "../../src/core/bytes";
import type { EnrolmentReply, Settings } from "../../src/core/enrolment";
import { Kind, type Message, decode } from "../../src/core/envelope";
import { type DeviceKey, freshKey, sha256, signed } from "../../src/core/keys";
import type { OpeningRequest } from "../../src/core/opening";
import { type Receipt, receiptStatement } from "../../src/core/receipt";
import { until } from "./waiting";

/** A status with its body; or the line is cut before a word, in the midst of the body, or nothing ever comes. */
export type Answer = { readonly status: number; readonly body?: string; readonly location?: string; readonly retryAfter?: string } | "cut" | "cut-late" | "mute";

export const BUTTON_KEY = Uint8Array.from({ length: 16 }, (_, at) => at);
// No test waits for these; whichever needs a clock sets its own.
const SETTINGS: Settings = { hold_ms: 2000, position_interval_s: 3600, heartbeat_interval_s: 3600, tail_s: 600 };

export function refused(status: number, reason = "so"): Answer {
  return { status, body: JSON.stringify({ error: "No", reason }) };
}

export function limited(retryAfter: string): Answer {
  return { ...(refused(429, "too-many-messages") as object), status: 429, retryAfter };
}

/** What says that a server can take nothing now. */
export function away(status: number, retryAfter = "1"): Answer {
  return { ...(refused(status, "journal-unavailable") as object), status, retryAfter };
}

export class Intake {
  /** Every body that came to /v1/messages, and every request at all. */
  readonly got: Bytes[] = [];
  readonly requests: IncomingMessage[] = [];
  /** What a message gets; null: its receipt. May wait. */
  script: (message: Message, data: Bytes) => Answer | null | Promise<Answer | null> = () => null;
  /** The state of the alarm, and what else the next receipts say. */
  state = "received";
  /** What a code gets. */
  enrolling: Answer = { status: 404 };
  /** The answer to a request to open; null: the server's half. Every tag that came. */
  opening: Answer | null = null;
  readonly tags: string[] = [];
  says: Partial<Receipt> = {};
  /** How the key was handed on, for whoever asks. */
  links: readonly string[] = [];
  private alarm = "";
  private readonly kept: string[] = [];
  private highest = 0;

  private constructor(
    private readonly server: Server,
    /** Signs receipts. */
    public key: DeviceKey,
  ) {
    server.on("request", (request, response) => void this.serve(request, response));
  }

  static async open(key?: DeviceKey): Promise<Intake> {
    const server = createServer();
    // The client minds its idle connections by timers, which tests hold still: each request has a connection of its own.
    server.maxRequestsPerSocket = 1;
    const intake = new Intake(server, key ?? (await freshKey()));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return intake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** From now on nobody answers here. */
  async close(): Promise<void> {
    if (!this.server.listening) return;
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  /** What a phone learns when it is enrolled here. */
  enrolment(settings: Partial<Settings> = {}, servers: readonly string[] = [this.url]): EnrolmentReply {
    const keys = { button_key: toBase64url(BUTTON_KEY), server_key: toBase64url(this.key.publicKey) };
    return { kid: "", kit: "kit", button_id: "button", ...keys, servers, settings: { ...SETTINGS, ...settings } };
  }

  /** Messages of a kind, in the order in which they came, repetitions with them. */
  messages(kind: Kind): Message[] {
    return this.got.map((data) => decode(data).message).filter((message) => message.kind === kind);
  }

  /** Wait until so many messages of this kind came. */
  came(kind: Kind, count = 1): Promise<void> {
    return until(() => this.messages(kind).length === count, `${count} of kind ${kind}`);
  }

  /** What the messages of this kind say. */
  bodies(kind: Kind): string[] {
    return this.messages(kind).map(({ body }) => new TextDecoder().decode(body!));
  }

  /** The bytes of every press that came. */
  get presses(): Bytes[] {
    return this.got.filter((data) => decode(data).message.kind === Kind.PRESS);
  }

  /** These answers first, for messages of that kind; then receipts. */
  plan(kind: Kind, ...answers: Answer[]): void {
    this.script = (message) => (message.kind === kind ? (answers.shift() ?? null) : null);
  }

  /** The signed receipt for `data`; the same bytes get the same one, with the state of now. */
  async receipt(data: Bytes): Promise<Receipt> {
    const { kid, message } = decode(data);
    const hash = await sha256(data);
    if (!this.kept.includes(toHex(hash))) this.kept.push(toHex(hash));
    if (message.kind === Kind.PRESS) this.alarm ||= `${toHex(kid)}-${message.counter}`;
    this.highest = Math.max(this.highest, message.counter);
    const alarm = message.kind === Kind.PRESS || message.press !== null ? this.alarm : "";
    const seq = this.kept.indexOf(toHex(hash)) + 1;
    const received_at = 1_700_000_000_000 + seq;
    const state = alarm === "" ? "noted" : this.state;
    const receipt = { seq, alarm, received_at, state, next_counter: this.highest + 1, pending: [], ...this.says };
    return { ...receipt, signature: toBase64url(await signed(this.key.privateKey, receiptStatement(hash, receipt))) };
  }

  private half({ kid, tag }: OpeningRequest): Answer {
    this.tags.push(tag);
    const part = createHmac("sha256", `secret of ${kid}`).update(joined(utf8("egide-opening-part-1\0"), fromBase64url(tag))).digest();
    return { status: 201, body: JSON.stringify({ part: toBase64url(part) }) };
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    this.requests.push(request);
    const data: Bytes = new Uint8Array(Buffer.concat(parts));
    if (request.url === "/v1/enrolments") return give(response, this.enrolling);
    if (request.url === "/v1/openings") return give(response, this.opening ?? this.half(JSON.parse(new TextDecoder().decode(data)) as OpeningRequest));
    if (request.url === "/v1/receipt-keys") return give(response, { status: 200, body: JSON.stringify({ keys: this.links }) });
    if (request.url !== "/v1/messages") return give(response, { status: 404 });
    this.got.push(data);
    const answer = await this.script(decode(data).message, data);
    give(response, answer ?? { status: 201, body: JSON.stringify(await this.receipt(data)) });
  }
}

function give(response: ServerResponse, answer: Answer): void {
  if (answer === "mute") return;
  if (answer === "cut") return void response.destroy();
  if (answer === "cut-late") {
    response.writeHead(201, { "content-type": "application/json", "content-length": "1000" });
    response.write('{"seq": 1,', () => response.destroy());
    return;
  }
  const { status, body = "", location, retryAfter } = answer;
  const more = { ...(location && { location }), ...(retryAfter && { "retry-after": retryAfter }) };
  response.writeHead(status, { "content-type": "application/json", ...more });
  response.end(body);
}
