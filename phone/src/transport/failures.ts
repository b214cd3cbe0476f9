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
