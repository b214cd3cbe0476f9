// A phone that enrols and presses, without any of Egide's software. Needs Node 20 or newer and nothing else.
//
//     node phone.mjs enrol SERVER CODE FOLDER    make a key, enrol it by a code that an officer's page shows
//     node phone.mjs press FOLDER                say that she pressed, until a receipt verifies
//
// FOLDER keeps the key, the counter and what has no receipt yet.

import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";

const b64 = (data) => Buffer.from(data).toString("base64url");
const unb64 = (text) => Buffer.from(text, "base64url");
const sha256 = (...parts) => createHash("sha256").update(Buffer.concat(parts.map((part) => Buffer.from(part)))).digest();
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Status and JSON of the answer; status 0 when nobody answered. */
async function post(url, body, kind) {
  try {
    const headers = { "Content-Type": kind };
    const signal = AbortSignal.timeout(5000);
    const answer = await fetch(url, { method: "POST", body, headers, redirect: "manual", signal });
    return [answer.status, await answer.json().catch(() => ({}))];
  } catch {
    return [0, {}];
  }
}

/** On the disk before anything is sent; readable for nobody else. */
function keep(folder, state) {
  const draft = openSync(`${folder}/phone.draft`, "w", 0o600);
  writeSync(draft, JSON.stringify(state));
  fsyncSync(draft);
  closeSync(draft);
  renameSync(`${folder}/phone.draft`, `${folder}/phone.json`);
}

async function enrol(server, code, folder) {
  const pair = generateKeyPairSync("ed25519");
  const publicKey = unb64(pair.publicKey.export({ format: "jwk" }).x);
  const codeHash = sha256("egide-code-1\0", code.replace(/[\s-]/g, "").toUpperCase());
  const client = { kind: "native", version: "1.0" };
  const said = `${client.kind}\0${client.version}`;
  const statement = Buffer.concat([Buffer.from("egide-enrolment-2\0"), codeHash, publicKey, Buffer.from(said)]);
  const signature = b64(sign(null, statement, pair.privateKey));
  const state = { key: pair.privateKey.export({ format: "jwk" }), counter: 0 };
  keep(folder, state);
  const request = JSON.stringify({ code, public_key: b64(publicKey), signature, client });
  const [status, reply] = await post(`${server}/v1/enrolments`, request, "application/json");
  if (status !== 201) throw new Error(`not enrolled: ${status} ${reply.reason ?? ""}`);
  const { kid, server_key, servers, settings } = reply;
  keep(folder, { ...state, kid, server_key, servers, settings });
  console.log(JSON.stringify({ kid }));
}

/** The head of a CBOR item in its shortest form. */
function head(major, number) {
  if (number < 24) return Buffer.from([(major << 5) | number]);
  const [size, more] = number < 0x100 ? [1, 24] : number < 0x10000 ? [2, 25] : [4, 26];
  const bytes = Buffer.alloc(1 + size);
  bytes[0] = (major << 5) | more;
  bytes.writeUIntBE(number, 1, size);
  return bytes;
}

const number = (value) => (value >= 0 ? head(0, value) : head(1, -1 - value));

/** The signed envelope: kind 1, counter, time, position with 12 m and 3 s, set off on the screen (trigger 2). */
function press(jwk, counter, latE7, lonE7) {
  const key = createPrivateKey({ key: jwk, format: "jwk" });
  const place = Buffer.concat([head(4, 5), ...[latE7, lonE7, 12, 3, 1].map(number)]);
  const now = Math.floor(Date.now() / 1000);
  const fields = [[1, number(1)], [2, number(counter)], [3, number(now)], [4, place], [7, number(2)]];
  const payload = Buffer.concat([head(5, fields.length), ...fields.flatMap(([name, value]) => [number(name), value])]);
  const kid = sha256(unb64(jwk.x)).subarray(0, 8);
  const protectedHeader = Buffer.concat([Buffer.from("4da201270448", "hex"), kid]);
  const sealed = Buffer.concat([head(2, payload.length), payload]);
  const context = Buffer.from("846a5369676e617475726531", "hex");
  const signature = sign(null, Buffer.concat([context, protectedHeader, Buffer.from([0x40]), sealed]), key);
  const [begin, middle, end] = ["d284", "a0", "5840"].map((hex) => Buffer.from(hex, "hex"));
  return Buffer.concat([begin, protectedHeader, middle, sealed, end, signature]);
}

/** What the phone keeps, with a press that has no receipt yet: sealed once, and then sent by every road. */
function pressed(folder) {
  const state = JSON.parse(readFileSync(`${folder}/phone.json`, "utf8"));
  if (!state.unsent) {
    state.counter += 1;
    state.unsent = b64(press(state.key, state.counter, 504542000, 39523000));
    keep(folder, state);
  }
  return state;
}

/** For the number of the gateway, where there is no data; the first half is the longer one. */
function texts(envelope, answer) {
  const half = Math.ceil(envelope.length / 2);
  const asked = answer === undefined ? "" : `.${answer}`;
  return [`EG11/2${b64(envelope.subarray(0, half))}`, `EG12/2${b64(envelope.subarray(half))}${asked}`];
}

/** Whether the server says just this of exactly these bytes. */
function isValid(receipt, envelope, serverKey) {
  const parts = [Buffer.from("egide-receipt-2\0"), sha256(envelope)];
  for (const name of ["seq", "received_at", "next_counter"]) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(BigInt(receipt[name]));
    parts.push(bytes);
  }
  const words = [receipt.alarm, receipt.state, ...receipt.pending.flatMap((one) => [one.what, one.text ?? ""])];
  for (const word of words) {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(Buffer.byteLength(word));
    parts.push(length, Buffer.from(word));
  }
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: serverKey }, format: "jwk" });
  return verify(null, Buffer.concat(parts), key, unb64(receipt.signature));
}

/** The same bytes to each address, again and again, until a receipt verifies: whatever is answered. */
async function send(folder, state) {
  const envelope = unb64(state.unsent);
  for (let limit = 500; ; limit = Math.min(15000, limit * 2)) {
    for (const server of state.servers) {
      const [status, answer] = await post(`${server}/v1/messages`, envelope, "application/cose");
      if (status === 201 && isValid(answer, envelope, state.server_key)) {
        keep(folder, { ...state, counter: Math.max(state.counter, answer.next_counter - 1), unsent: null });
        console.log(JSON.stringify({ alarm: answer.alarm, state: answer.state, seq: answer.seq }));
        return;
      }
      console.error(`not yet: ${status} ${answer.reason ?? answer.state ?? ""}`);
    }
    await pause(50 + Math.random() * (limit - 50));
  }
}

const [what, ...given] = process.argv.slice(2);
if (what === "enrol" && given.length === 3) {
  await enrol(given[0].replace(/\/$/, ""), given[1], given[2]);
} else if (what === "press" && given.length === 1) {
  await send(given[0], pressed(given[0]));
} else if (what === "texts" && (given.length === 1 || given.length === 2)) {
  console.log(texts(unb64(pressed(given[0]).unsent), given[1]).join("\n"));
} else {
  console.error("node phone.mjs enrol SERVER CODE FOLDER | press FOLDER | texts FOLDER [ANSWER]");
  process.exitCode = 2;
}
