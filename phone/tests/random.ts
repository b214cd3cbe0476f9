/** Chance that is the same in every run (mulberry32). */
import { type Bytes } from "../src/core/bytes";

export type Chance = () => number;

export function randomly(seed: number): Chance {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Up to `longest` bytes. */
export function randomBytes(chance: Chance, longest: number): Bytes {
  return Uint8Array.from({ length: Math.floor(chance() * longest) }, () => Math.floor(chance() * 256));
}
