/** The signed receipt: the server's word that a message is durable. */
import { type Bytes, fromBase64url, joined, utf8 } from "./bytes";
import { isSignedBy, sha256 } from "./keys";

/** Something the phone should know: `what` is "seen", "closed", "text", "settings" ... */
export interface Pending {
  readonly what: string;
  readonly text?: string;
}

/** Reply to POST /v1/messages. `seq` is 0 for what is not kept as an event. */
export interface Receipt {
  readonly seq: number;
  readonly alarm: string;
  readonly received_at: number;
  readonly state: string;
  readonly next_counter: number;
  readonly pending: readonly Pending[];
  readonly signature: string;
}

/** Reads what a server answered; null for anything but a receipt. */
export function receiptOf(answer: unknown): Receipt | null {
  if (answer === null || typeof answer !== "object") return null;
  const { seq, alarm, received_at, state, next_counter, pending, signature } = answer as Record<string, unknown>;
  if (!isNatural(seq) || !isNatural(received_at) || !isNatural(next_counter)) return null;
  if (typeof alarm !== "string" || typeof state !== "string" || typeof signature !== "string") return null;
  if (!Array.isArray(pending)) return null;
  return { seq, alarm, received_at, state, next_counter, pending: pending.filter(isPending), signature };
}

function isNatural(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isPending(value: unknown): value is Pending {
  const { what, text } = (value ?? {}) as Record<string, unknown>;
  return typeof what === "string" && (text === undefined || typeof text === "string");
}

/** The state of a receipt for what one machine keeps until the journal can be written again. */
export const KEPT = "kept";

const WORD = utf8("egide-receipt-2\0");

/**
 * A fixed word, SHA-256 of the envelope (32 bytes), seq, time in ms and next counter as 8-byte big-endian numbers, then
 * alarm, state, and what and text of each pending thing, each as UTF-8 behind its length in two bytes. Throws RangeError
 * for words that do not fit.
 */
export function receiptStatement(messageHash: Uint8Array, receipt: Omit<Receipt, "signature">): Bytes {
  const numbers = new DataView(new ArrayBuffer(24));
  [receipt.seq, receipt.received_at, receipt.next_counter].forEach((number, at) => numbers.setBigUint64(8 * at, BigInt(number)));
  const words = [receipt.alarm, receipt.state, ...receipt.pending.flatMap(({ what, text }) => [what, text ?? ""])];
  return joined(WORD, messageHash, new Uint8Array(numbers.buffer), ...words.map(counted));
}

function counted(word: string): Bytes {
  const bytes = utf8(word);
  if (bytes.length > 0xffff) throw new RangeError(`a word of ${bytes.length} bytes`);
  return joined(new Uint8Array([bytes.length >> 8, bytes.length & 0xff]), bytes);
}

/** Whether the server that holds `serverKey` (public, 32 bytes) says just this of exactly these bytes. */
export async function receiptIsValid(receipt: Receipt, envelope: Bytes, serverKey: Bytes): Promise<boolean> {
  try {
    const statement = receiptStatement(await sha256(envelope), receipt);
    return await isSignedBy(serverKey, statement, fromBase64url(receipt.signature, 64));
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError || error instanceof TypeError) return false;
    throw error;
  }
}
