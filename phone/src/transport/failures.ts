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
