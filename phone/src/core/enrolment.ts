/** Enrolment: a one-time code and a fresh public key against the button's key and the server's. */
import { type Bytes, fromBase64url, joined, toBase64url, utf8 } from "./bytes";
import { type DeviceKey, sha256, signed } from "./keys";

export interface Settings {
  readonly hold_ms: number;
  readonly position_interval_s: number;
  readonly heartbeat_interval_s: number;
  readonly tail_s: number;
  /** Of the button; missing from a server that does not set it. */
  readonly button_hold_ms?: number;
  /** 0 or missing for those of the issue. */
  readonly version?: number;
}

/** What enrols, in its own words: this app is a page in a browser, and says so. */
export interface Client {
  readonly kind: string;
  readonly version: string;
}

/** Body of POST /v1/enrolments; keys and signature are base64url. */
export interface EnrolmentRequest {
  readonly code: string;
  readonly public_key: string;
  readonly signature: string;
  readonly client: Client;
}

export interface EnrolmentReply {
  readonly kid: string;
  readonly kit: string;
  readonly button_id: string;
  readonly button_key: string;
  readonly server_key: string;
  /** Not from the server: the key that was pinned ahead of its use (receipt_key.ts). */
  readonly server_key_ahead?: string;
  readonly servers: readonly string[];
  readonly settings: Settings;
}

/** Reads what a server answered to a code. Throws RangeError for anything but a whole reply for this key. */
export function enrolmentReplyOf(answer: unknown, kid: string): EnrolmentReply {
  const reply = answer as EnrolmentReply;
  fromBase64url(String(reply?.server_key), 32);
  fromBase64url(String(reply.button_key), 16);
  if (reply.kid !== kid) throw new RangeError("the reply is for another key");
  if (!Array.isArray(reply.servers) || !reply.servers.every((url) => typeof url === "string")) throw new RangeError("no servers");
  const { hold_ms, position_interval_s, heartbeat_interval_s, tail_s } = reply.settings ?? {};
  for (const value of [hold_ms, position_interval_s, heartbeat_interval_s, tail_s]) {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError("settings are missing");
  }
  return reply;
}

/** SHA-256 of a code as people type it: case, spaces and dashes do not count. */
export async function codeHash(code: string): Promise<Bytes> {
  return sha256(joined(utf8("egide-code-1\0"), utf8(code.replaceAll(/[\s-]/g, "").toUpperCase())));
}

/** What the new key signs to prove that the phone holds it, and to say what it is. */
export async function enrolmentStatement(code: string, publicKey: Uint8Array, client: Client): Promise<Bytes> {
  return joined(utf8("egide-enrolment-2\0"), await codeHash(code), publicKey, utf8(`${client.kind}\0${client.version}`));
}

export async function enrolmentRequest(code: string, key: DeviceKey, client: Client): Promise<EnrolmentRequest> {
  const signature = await signed(key.privateKey, await enrolmentStatement(code, key.publicKey, client));
  return { code, public_key: toBase64url(key.publicKey), signature: toBase64url(signature), client };
}
