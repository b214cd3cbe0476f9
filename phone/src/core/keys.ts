/** Ed25519 (RFC 8032) and SHA-256 through the platform's own WebCrypto; private keys cannot be extracted. */
import { type Bytes } from "./bytes";
import { type Envelope, type Message, encodePayload, sealPayload, toBeSigned } from "./envelope";

const KID_BYTES = 8;

/** The phone's key. `publicKey` has 32 bytes, `kid` names it in envelopes. */
export interface DeviceKey {
  readonly privateKey: CryptoKey;
  readonly publicKey: Bytes;
  readonly kid: Bytes;
}

export async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** First 8 bytes of the SHA-256 of the public key. */
export async function kidOf(publicKey: Bytes): Promise<Bytes> {
  return (await sha256(publicKey)).slice(0, KID_BYTES);
}

/** A fresh key whose private half never leaves the platform's key store. */
export async function freshKey(): Promise<DeviceKey> {
  const pair = (await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"])) as CryptoKeyPair;
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return { privateKey: pair.privateKey, publicKey, kid: await kidOf(publicKey) };
}

export async function signed(key: CryptoKey, statement: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign({ name: "Ed25519" }, key, statement));
}

/** Whether `signature` over `statement` was made by the holder of `publicKey` (32 bytes). */
export async function isSignedBy(publicKey: Bytes, statement: Bytes, signature: Bytes): Promise<boolean> {
  const key = await crypto.subtle.importKey("raw", publicKey, { name: "Ed25519" }, false, ["verify"]);
  return crypto.subtle.verify({ name: "Ed25519" }, key, signature, statement);
}

/** The signed envelope of `message`. Throws EnvelopeError for a field out of range. */
export async function seal(message: Message, key: DeviceKey): Promise<Bytes> {
  const payload = encodePayload(message);
  return sealPayload(key.kid, payload, await signed(key.privateKey, toBeSigned(key.kid, payload)));
}

export async function envelopeIsSignedBy(envelope: Envelope, publicKey: Bytes): Promise<boolean> {
  return isSignedBy(publicKey, toBeSigned(envelope.kid, envelope.payload), envelope.signature);
}
