/**
 * What the phone makes of a code, and the key that this and the server's half make together (contracts/vectors.json).
 *
 * The server gets a tag that says nothing without the phone's salt, and answers alike for every code.
 */
import { type Bytes, fromBase64url, joined, toBase64url, toHex, utf8 } from "./bytes";
import { type DeviceKey, signed } from "./keys";
import { stretchedHere } from "./stretching";

export const SALT_BYTES = 16;
const PART_BYTES = 32;

/** Body of POST /v1/openings. */
export interface OpeningRequest {
  readonly kid: string;
  readonly tag: string;
  readonly signature: string;
}

/** In a worker, or here where a page has none. */
export async function stretched(code: string, salt: Bytes): Promise<Bytes> {
  if (typeof Worker === "undefined") return stretchedHere(code, salt);
  const worker = new Worker(new URL("./stretching.worker.ts", import.meta.url), { type: "module" });
  try {
    return await new Promise<Bytes>((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<Bytes>) => resolve(data);
      worker.onerror = reject;
      worker.postMessage([code, salt]);
    });
  } catch {
    return stretchedHere(code, salt);
  } finally {
    worker.terminate();
  }
}

export function tagOf(stretch: Bytes): Promise<Bytes> {
  return hmac(stretch, utf8("egide-opening-tag-1"));
}

/** The key (32 bytes) of what the code opens. */
export function keyOf(stretch: Bytes, part: Bytes): Promise<Bytes> {
  return hmac(stretch, joined(utf8("egide-opening-key-1\0"), part));
}

export function openingStatement(tag: Bytes): Bytes {
  return joined(utf8("egide-opening-1\0"), tag);
}

export async function openingRequest(tag: Bytes, key: DeviceKey): Promise<OpeningRequest> {
  const signature = await signed(key.privateKey, openingStatement(tag));
  return { kid: toHex(key.kid), tag: toBase64url(tag), signature: toBase64url(signature) };
}

/** The server's half (32 bytes). Throws RangeError for anything else. */
export function partOf(answer: unknown): Bytes {
  return fromBase64url(String((answer as { part?: unknown } | null)?.part), PART_BYTES);
}

async function hmac(key: Bytes, content: Bytes): Promise<Bytes> {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, content));
}
