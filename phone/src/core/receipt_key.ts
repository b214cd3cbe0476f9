/**
 * The key that signs receipts is handed on: the one in force signs the one that follows, and this phone pins that ahead.
 * Replies carry the word while both exist; after a long absence all links are asked for (GET /v1/receipt-keys).
 */
import { type Bytes, fromBase64url, joined, utf8 } from "./bytes";
import { isSignedBy } from "./keys";
import { type Receipt, receiptIsValid } from "./receipt";

const PENDING = "key";
/** More links than that are no chain of ours. */
const MOST = 64;

/**
 * What a phone believes: receipts by `key`, and from the first by `ahead` on those by that alone (32 bytes each). The first
 * that is pinned ahead stays: a key that leaks later pins no other.
 */
export interface Pinned {
  readonly key: Bytes;
  readonly ahead: Bytes | null;
}

/** What it believes after this receipt; null when the receipt is signed by neither key. */
export async function pinnedAfter({ key, ahead }: Pinned, receipt: Receipt, envelope: Bytes): Promise<Pinned | null> {
  if (await receiptIsValid(receipt, envelope, key)) return { key, ahead: ahead ?? (await announced(receipt, key)) };
  if (ahead !== null && (await receiptIsValid(receipt, envelope, ahead))) return { key: ahead, ahead: await announced(receipt, ahead) };
  return null;
}

/** The same, by way of these links; null when neither its own keys nor one of the chain signed the receipt. */
export async function pinnedAlong(pinned: Pinned, links: readonly string[], receipt: Receipt, envelope: Bytes): Promise<Pinned | null> {
  // What was believed of another message meanwhile may have led here already.
  const own = await pinnedAfter(pinned, receipt, envelope);
  if (own !== null) return own;
  let key = pinned.ahead ?? pinned.key;
  for (const link of links.slice(0, MOST)) {
    const following = await handedOn(link, key);
    if (following === null) continue;
    key = following;
    const found = await pinnedAfter({ key, ahead: null }, receipt, envelope);
    if (found !== null) return found;
  }
  return null;
}

/** The links that a server tells; none for anything else. */
export function linksOf(answer: unknown): readonly string[] {
  const keys = (answer as { keys?: unknown } | null)?.keys;
  return Array.isArray(keys) ? keys.filter((link) => typeof link === "string") : [];
}

/** What is signed: a fixed word, the key that signs, and the one that follows it. */
export function handingStatement(key: Uint8Array, following: Uint8Array): Bytes {
  return joined(utf8("egide-receipt-key-1\0"), key, following);
}

/** The key that follows (32 bytes); null when `key` did not sign this link. */
export async function handedOn(link: string, key: Bytes): Promise<Bytes | null> {
  let data: Bytes;
  try {
    data = fromBase64url(link, 96);
  } catch {
    return null;
  }
  const following = data.slice(0, 32);
  return (await isSignedBy(key, handingStatement(key, following), data.slice(32))) ? following : null;
}

async function announced(receipt: Receipt, key: Bytes): Promise<Bytes | null> {
  for (const { what, text } of receipt.pending) {
    const following = what === PENDING ? await handedOn(text ?? "", key) : null;
    if (following !== null) return following;
  }
  return null;
}
