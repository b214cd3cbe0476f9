/** Carrying signed messages to the server: each address in turn, the same bytes, until a receipt verifies. */
import { type Bytes, fromBase64url, toHex } from "../core/bytes";
import { type EnrolmentReply, type EnrolmentRequest } from "../core/enrolment";
import type { OpeningRequest } from "../core/opening";
import { KEPT, type Receipt, receiptOf } from "../core/receipt";
import { type Pinned, linksOf, pinnedAfter, pinnedAlong } from "../core/receipt_key";
import { checkedServer, serverOrder, waitMs } from "../core/rules";
import { Limited, Refused, ServersAway, Unreachable, refusal } from "./failures";

const ANSWER_TIMEOUT_MS = 7000;
/** An address that is silent for so long is not waited for alone: the next one is asked too (decision 0072). */
const BESIDE_MS = 1500;
const CREATED = 201;
export const ACCEPTED = 202;
/** Nothing goes along, and nothing of it stays. */
const UNTRACED: RequestInit = { credentials: "omit", cache: "no-store", redirect: "error", referrerPolicy: "no-referrer" };

/** A machine of ours has the message and signed for that; the journal has not, and only then is it sent. */
export class Kept extends Refused {
  constructor() {
    super(ACCEPTED, KEPT);
  }
}

/** Sends to the address that answered last, then to the others. No receipt is believed before `trust`. */
export class Sender {
  private servers: string[];
  private pinned: Pinned | null = null;
  private keep: (pinned: Pinned) => void = () => {};
  private lastGood = 0;

  /** Throws RangeError for an address that may not carry messages. */
  constructor(servers: readonly string[]) {
    this.servers = servers.map(checkedServer);
  }

  /**
   * From now on use the enrolled addresses too, and believe this server key alone, or the one that was pinned ahead.
   * `keep` is told when another is believed.
   */
  trust(reply: EnrolmentReply, keep: (pinned: Pinned) => void = () => {}): void {
    const ahead = reply.server_key_ahead;
    this.pinned = { key: fromBase64url(reply.server_key, 32), ahead: ahead ? fromBase64url(ahead, 32) : null };
    this.keep = keep;
    this.servers = [...new Set([...this.servers, ...reply.servers.filter(isUsable)])];
  }

  /** The answer, not yet checked. Rejects with Unreachable, or Refused when the code is not (or no longer) valid. */
  enrol(request: EnrolmentRequest): Promise<unknown> {
    return this.postAnywhere("/v1/enrolments", JSON.stringify(request), "application/json", async (answer) => answer);
  }

  /** The server's half of what a code opens, not yet read. Rejects with Unreachable, or Refused: 429 after too many codes. */
  open(request: OpeningRequest): Promise<unknown> {
    return this.postAnywhere("/v1/openings", JSON.stringify(request), "application/json", async (answer) => answer);
  }

  /**
   * The receipt for exactly these bytes, signed by the pinned key or one that it was handed on to. Rejects with Unreachable
   * or Refused: with Kept when no address gave more than the word that it keeps them, with Limited or ServersAway when none
   * took them and one would later.
   */
  async send(envelope: Bytes): Promise<Receipt> {
    const unproven: [string, Receipt][] = [];
    try {
      const read = async (answer: unknown, url: string) => {
        const receipt = receiptOf(answer);
        if (receipt !== null && this.pinned !== null) {
          if (this.believe(await pinnedAfter(this.pinned, receipt, envelope))) return complete(receipt);
          unproven.push([url, receipt]);
        }
        throw new Refused(CREATED, "the receipt is not signed by our server");
      };
      return await this.postAnywhere("/v1/messages", envelope, "application/cose", read, [CREATED, ACCEPTED], BESIDE_MS);
    } catch (error) {
      // Only when no address gave a good one: nobody in our name holds up a press by it.
      for (const [url, receipt] of unproven) {
        const chain = await links(url);
        if (this.believe(await pinnedAlong(this.pinned!, chain, receipt, envelope))) return complete(receipt);
      }
      throw error;
    }
  }

  /** Whether there is a key to believe; another one than before is kept. */
  private believe(pinned: Pinned | null): boolean {
    if (pinned === null) return false;
    const before = this.pinned!;
    this.pinned = pinned;
    if (!isSame(pinned.key, before.key) || !isSame(pinned.ahead, before.ahead)) this.keep(pinned);
    return true;
  }

  /**
   * What `read` makes of the first answer that it does not refuse: an address whose answers count for nothing is no road. One
   * that says nothing for `besideMs` is not waited for alone: the next is asked beside it.
   */
  private postAnywhere<Result>(
    path: string,
    body: Bytes | string,
    type: string,
    read: (answer: unknown, url: string) => Promise<Result>,
    statuses: readonly number[] = [CREATED],
    besideMs = Infinity,
  ): Promise<Result> {
    const waiting = serverOrder(this.servers.length, this.lastGood);
    let refusal: Refused | null = null;
    const nothing = () => new Unreachable(`none of ${this.servers.length} addresses answered`);
    return new Promise((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      let asked = 0;
      let isOver = false;
      const end = (tell: () => void) => {
        clearTimeout(timer);
        isOver = true;
        tell();
      };
      const fail = (error: unknown) => {
        asked -= 1;
        if (isOver) return;
        if (error instanceof Refused) refusal = weightier(refusal, error);
        else if (!(error instanceof Unreachable)) return end(() => reject(error));
        askNext();
      };
      const askNext = () => {
        clearTimeout(timer);
        const index = waiting.shift();
        if (index === undefined) {
          if (asked === 0) end(() => reject(refusal ?? nothing()));
          return;
        }
        asked += 1;
        if (waiting.length > 0 && besideMs < Infinity) timer = setTimeout(askNext, besideMs);
        const url = this.servers[index]!;
        post(url + path, body, type, statuses)
          .then((answer) => read(answer, url))
          .then((result) => {
            if (isOver) return;
            this.lastGood = index;
            end(() => resolve(result));
          })
          .catch(fail);
      };
      askNext();
    });
  }
}

/** Every link of the chain of keys, as this address tells them; none when it does not. */
async function links(url: string): Promise<readonly string[]> {
  try {
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    const response = await fetch(`${url}/v1/receipt-keys`, { ...UNTRACED, signal });
    return linksOf(await response.json());
  } catch {
    return [];
  }
}

function isSame(one: Bytes | null, other: Bytes | null): boolean {
  return one === null || other === null ? one === other : toHex(one) === toHex(other);
}

/** The receipt, if the journal has the message. Throws Kept. */
function complete(receipt: Receipt): Receipt {
  if (receipt.state === KEPT) throw new Kept();
  return receipt;
}

async function post(url: string, body: Bytes | string, type: string, statuses: readonly number[]): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "content-type": type },
      body,
      ...UNTRACED,
      // A press goes on being sent when the page is closed in this moment.
      keepalive: body.length < 60_000,
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
  } catch {
    throw new Unreachable(url);
  }
  const answer: unknown = await response.json().catch(() => null);
  if (!statuses.includes(response.status)) {
    throw refusal(response.status, reasonOf(answer), waitMs(response.headers.get("retry-after") ?? ""));
  }
  if (answer === null || typeof answer !== "object") throw new Refused(201, "not an answer");
  return answer;
}

/**
 * Which of two words counts: who keeps it; then a limit, since it passes; then a server that is away, which comes back; of these
 * the one that is over first. Else, and among equals, the later.
 */
function weightier(one: Refused | null, other: Refused): Refused {
  if (one === null) return other;
  const [[first, firstMs], [second, secondMs]] = [weight(one), weight(other)];
  return first < second || (first === second && secondMs <= firstMs) ? other : one;
}

function weight(refused: Refused): readonly [weight: number, waitMs: number] {
  if (refused instanceof Kept) return [3, 0];
  if (refused instanceof Limited) return [2, refused.waitMs];
  return refused instanceof ServersAway ? [1, refused.waitMs] : [0, 0];
}

function reasonOf(answer: unknown): string {
  const reason = (answer as { reason?: unknown } | null)?.reason;
  return typeof reason === "string" ? reason.slice(0, 80) : "";
}

function isUsable(url: string): boolean {
  try {
    checkedServer(url);
    return true;
  } catch {
    return false;
  }
}
