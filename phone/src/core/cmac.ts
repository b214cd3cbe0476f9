/** AES-128-CMAC (RFC 4493), which WebCrypto lacks, on its AES-CBC: the last block of CBC from zero is the CMAC. */
import { type Bytes } from "./bytes";

const BLOCK = 16;

/** 16 bytes over `message` under `key` (16 bytes). */
export async function cmac(key: Bytes, message: Bytes): Promise<Bytes> {
  const aes = await crypto.subtle.importKey("raw", key, "AES-CBC", false, ["encrypt"]);
  const first = doubled(await lastBlock(aes, new Uint8Array(BLOCK)));
  const blocks = Math.max(1, Math.ceil(message.length / BLOCK));
  const padded = new Uint8Array(blocks * BLOCK);
  padded.set(message);
  const isWhole = message.length === padded.length;
  if (!isWhole) padded[message.length] = 0x80;
  const mask = isWhole ? first : doubled(first);
  for (let i = 0; i < BLOCK; i++) padded[padded.length - BLOCK + i]! ^= mask[i]!;
  return lastBlock(aes, padded);
}

/** The last block of the CBC encryption from a zero vector; WebCrypto adds a block of padding behind it. */
async function lastBlock(aes: CryptoKey, blocks: Bytes): Promise<Bytes> {
  const encrypted = await crypto.subtle.encrypt({ name: "AES-CBC", iv: new Uint8Array(BLOCK) }, aes, blocks);
  return new Uint8Array(encrypted.slice(blocks.length - BLOCK, blocks.length));
}

/** Multiplication by x in GF(2^128) (RFC 4493, section 2.3). */
function doubled(block: Bytes): Bytes {
  const result = new Uint8Array(BLOCK);
  for (let i = 0; i < BLOCK; i++) result[i] = ((block[i]! << 1) | ((block[i + 1] ?? 0) >> 7)) & 0xff;
  if (block[0]! & 0x80) result[BLOCK - 1]! ^= 0x87;
  return result;
}
