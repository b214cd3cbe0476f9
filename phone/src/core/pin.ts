/** What a code looks like, and the codes of older stores: slow hashes (PBKDF2, RFC 8018), compared in one go. */
import { type Bytes, fromHex, toHex, utf8 } from "./bytes";

const ROUNDS = 200_000;

/** A hashed code: salt (16 bytes) and PBKDF2-HMAC-SHA-256 (32 bytes), in hexadecimal. */
export interface HashedPin {
  readonly salt: string;
  readonly hash: string;
}

export type Verdict = "right" | "duress" | "wrong";

/** Four to eight digits. */
export function isPin(text: string): boolean {
  return /^\d{4,8}$/.test(text);
}

/** Which of the two codes this is. Both are always computed, so that time tells nothing. */
export async function judgePin(pin: string, own: HashedPin, duress: HashedPin | null): Promise<Verdict> {
  const [asOwn, asDuress] = await Promise.all([matches(pin, own), matches(pin, duress ?? own)]);
  if (duress !== null && asDuress) return "duress";
  return asOwn ? "right" : "wrong";
}

async function matches(pin: string, known: HashedPin): Promise<boolean> {
  return toHex(await derived(pin, fromHex(known.salt))) === known.hash;
}

async function derived(pin: string, salt: Bytes): Promise<Bytes> {
  const key = await crypto.subtle.importKey("raw", utf8(pin), "PBKDF2", false, ["deriveBits"]);
  const parameters = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, 256));
}
