/** How a question to the servers failed. */

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

export const LIMITED = 429;
/** What a server, or a proxy before it, says while it can take nothing: its journal is away, its disk is full, it begins. */
const AWAY: readonly number[] = [502, 503, 504, 507];

/**
 * No server takes more of this phone now, whatever it sends: nothing was said of this message, which passes later. Ask again
 * in `waitMs`.
 */
export class Limited extends Refused {
  constructor(
    reason: string,
    readonly waitMs: number,
  ) {
    super(LIMITED, reason);
  }
}

/** No server can take it now: that is said of the server, and nothing of the message. Ask again in `waitMs`. */
export class ServersAway extends Refused {
  constructor(
    status: number,
    reason: string,
    readonly waitMs: number,
  ) {
    super(status, reason);
  }
}

/** What a server said instead of an answer; `waitMs`: by its Retry-After. */
export function refusal(status: number, reason: string, waitMs: number): Refused {
  if (status === LIMITED) return new Limited(reason, waitMs);
  return AWAY.includes(status) ? new ServersAway(status, reason, waitMs) : new Refused(status, reason);
}
