/**
 * Two compartments that look alike: one is opened by her own code, one by the code under threat, and nothing tells which
 * is which, or which of them was written last.
 *
 * Each has a head under the key that its code makes, with two keys in it: that of its own page, and one that both share.
 * Every page lies under its own key within the shared one, so that anyone who opened either can seal both anew.
 */
import { type Bytes, fromHex, joined, toHex, utf8 } from "./bytes";

const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const PAGE_BYTES = 512;

/** What only she reads. */
export interface Page {
  readonly kit: string;
  readonly button: string;
  readonly testedAtMs: number | null;
}

export const NO_PAGE: Page = { kit: "", button: "", testedAtMs: null };

/** As it is stored, in hexadecimal. */
interface Compartment {
  readonly head: string;
  readonly page: string;
}

export type Compartments = readonly [Compartment, Compartment];

/** A compartment that was opened, and the keys to write it anew. */
export interface Opened {
  readonly at: 0 | 1;
  readonly isThreat: boolean;
  readonly pageKey: Bytes;
  readonly sharedKey: Bytes;
  readonly page: Page;
}

/** Makes both for the keys of two codes. */
export async function sealed(own: Bytes, threat: Bytes, page: Page): Promise<Compartments> {
  const shared = random(KEY_BYTES);
  const mine = await compartment(own, false, shared, page);
  const other = await compartment(threat, true, shared, NO_PAGE);
  return random(1)[0]! & 1 ? [mine, other] : [other, mine];
}

/** What the key opens; null when nothing. Both are always tried, so that time tells nothing. */
export async function opened(key: Bytes, compartments: Compartments): Promise<Opened | null> {
  const heads = await Promise.all(compartments.map(({ head }) => unseal(key, fromHex(head)).catch(() => null)));
  const at = heads[0] ? 0 : 1;
  const head = heads[at];
  if (!head) return null;
  const [pageKey, sharedKey] = [head.slice(1, 1 + KEY_BYTES), head.slice(1 + KEY_BYTES)];
  const page = readPage(await unseal(pageKey, await unseal(sharedKey, fromHex(compartments[at].page))));
  return { at, isThreat: head[0] === 1, pageKey, sharedKey, page };
}

/** The same with another page where `was` stands. Both look new. */
export async function rewritten(was: Opened, page: Page, compartments: Compartments): Promise<Compartments> {
  const [first, second] = await Promise.all(
    compartments.map(async ({ head, page: sealedPage }, at) => {
      const inner = at === was.at ? await seal(was.pageKey, pageBytes(page)) : await unseal(was.sharedKey, fromHex(sealedPage));
      return { head, page: toHex(await seal(was.sharedKey, inner)) };
    }),
  );
  return [first!, second!];
}

async function compartment(key: Bytes, isThreat: boolean, shared: Bytes, page: Page): Promise<Compartment> {
  const pageKey = random(KEY_BYTES);
  const head = await seal(key, joined(Uint8Array.of(isThreat ? 1 : 0), pageKey, shared));
  return { head: toHex(head), page: toHex(await seal(shared, await seal(pageKey, pageBytes(page)))) };
}

/** Always of one length. Throws RangeError for a page that is too long. */
function pageBytes(page: Page): Bytes {
  const text = utf8(JSON.stringify(page));
  if (text.length > PAGE_BYTES) throw new RangeError(`a page of ${text.length} bytes, at most ${PAGE_BYTES}`);
  return joined(text, utf8(" ".repeat(PAGE_BYTES - text.length)));
}

function readPage(bytes: Bytes): Page {
  return { ...NO_PAGE, ...(JSON.parse(new TextDecoder().decode(bytes)) as Partial<Page>) };
}

function random(size: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(size));
}

async function seal(key: Bytes, plain: Bytes): Promise<Bytes> {
  const iv = random(IV_BYTES);
  return joined(iv, new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await imported(key), plain)));
}

async function unseal(key: Bytes, data: Bytes): Promise<Bytes> {
  if (data.length < IV_BYTES + TAG_BYTES) throw new RangeError("too short to be sealed");
  const parameters = { name: "AES-GCM", iv: data.slice(0, IV_BYTES) };
  return new Uint8Array(await crypto.subtle.decrypt(parameters, await imported(key), data.slice(IV_BYTES)));
}

function imported(key: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]);
}
