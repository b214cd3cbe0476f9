/** Carrying signed messages to the server: each address in turn, the same bytes, until a receipt verifies. */
import { type Bytes, fromBase64url } from "../core/bytes";
import { type EnrolmentReply, type EnrolmentRequest } from "../core/enrolment";
import type { OpeningRequest } from "../core/opening";
import { type Receipt, receiptIsValid, receiptOf } from "../core/receipt";
import { checkedServer, serverOrder } from "../core/rules";

const ANSWER_TIMEOUT_MS = 7000;

/** No address answered. */
export class Unreachable extends Error {}

/** A server answered, but not with a receipt to rely on. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
  ) {
    super(`${status} ${reason}`);
  }
}

/** Sends to the address that answered last, then to the others. No receipt is believed before `trust`. */
export class Sender {
  private servers: string[];
  private serverKey: Bytes | null = null;
  private lastGood = 0;

  /** Throws RangeError for an address that may not carry messages. */
  constructor(servers: readonly string[]) {
    this.servers = servers.map(checkedServer);
  }

  /** From now on use the enrolled addresses too, and believe this server key alone. */
  trust(reply: EnrolmentReply): void {
    this.serverKey = fromBase64url(reply.server_key, 32);
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

  /** The receipt for exactly these bytes, signed by the pinned key. Rejects with Unreachable or Refused. */
  send(envelope: Bytes): Promise<Receipt> {
    return this.postAnywhere("/v1/messages", envelope, "application/cose", (answer) => this.proven(answer, envelope));
  }

  private async proven(answer: unknown, envelope: Bytes): Promise<Receipt> {
    const receipt = receiptOf(answer);
    if (receipt === null || this.serverKey === null || !(await receiptIsValid(receipt, envelope, this.serverKey))) {
      throw new Refused(201, "the receipt is not signed by our server");
    }
    return receipt;
  }

  /** What `read` makes of the first answer that it does not refuse: an address whose answers count for nothing is no road. */
  private async postAnywhere<Result>(
    path: string,
    body: Bytes | string,
    type: string,
    read: (answer: unknown) => Promise<Result>,
  ): Promise<Result> {
    let refusal: Refused | null = null;
    for (const index of serverOrder(this.servers.length, this.lastGood)) {
      try {
        const result = await read(await post(this.servers[index]! + path, body, type));
        this.lastGood = index;
        return result;
      } catch (error) {
        if (error instanceof Refused) refusal = error;
        else if (!(error instanceof Unreachable)) throw error;
      }
    }
    throw refusal ?? new Unreachable(`none of ${this.servers.length} addresses answered`);
  }
}

async function post(url: string, body: Bytes | string, type: string): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "content-type": type },
      body,
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
      referrerPolicy: "no-referrer",
      // A press goes on being sent when the page is closed in this moment.
      keepalive: body.length < 60_000,
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
  } catch {
    throw new Unreachable(url);
  }
  const answer: unknown = await response.json().catch(() => null);
  if (response.status !== 201) throw new Refused(response.status, reasonOf(answer));
  if (answer === null || typeof answer !== "object") throw new Refused(201, "not an answer");
  return answer;
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
