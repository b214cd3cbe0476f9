/** The slow step from a code to bytes: scrypt (RFC 7914), 32 MiB and about a second on a slow telephone. */
import { scrypt } from "@noble/hashes/scrypt.js";
import { type Bytes, utf8 } from "./bytes";

const COST = { N: 2 ** 15, r: 8, p: 1, dkLen: 32 } as const;

/** 32 bytes from a code and the phone's salt (16 bytes). Nothing else happens meanwhile. */
export function stretchedHere(code: string, salt: Bytes): Bytes {
  return new Uint8Array(scrypt(utf8(code), salt, COST));
}
