/** What the officer's page shows to an app that has no address of its own: the server's, a space, and the one-time code. */
import { checkedServer } from "./rules";

/** There is a code, but no address before it. */
export class NoAddress extends Error {}

export interface Invitation {
  readonly server: string;
  readonly code: string;
}

/** As pasted, read from the picture or typed: the address needs no `https://`. Throws NoAddress. */
export function invitationIn(words: string): Invitation {
  const [address = "", ...rest] = words.trim().split(/\s+/);
  const code = rest.join(" ");
  // A code in groups with spaces between them is no address.
  if (code === "" || !/[.:/]/.test(address)) throw new NoAddress(words);
  try {
    return { server: checkedServer(/^https?:\/\//i.test(address) ? address : `https://${address}`), code };
  } catch {
    throw new NoAddress(words);
  }
}
