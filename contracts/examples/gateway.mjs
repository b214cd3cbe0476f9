// A gateway for text messages: it hands on what came to its number, and sends what Egide gives it.
//
//     node gateway.mjs text SERVER SECRET_FILE TEXT [FROM]          hand on a text
//     node gateway.mjs binary SERVER SECRET_FILE UDH DATA [FROM]    hand on a binary message, both parts in hexadecimal
//     node gateway.mjs listen PORT SECRET_FILE                      take what is to be sent (here: print it)
//
// SERVER is the address of the road for short messages. Needs Node 20 or newer and nothing else. Behind a proxy that
// brings TLS.

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const WINDOW_S = 300;
const PAUSES_S = [1, 2, 5, 10, 30];
// What another call of the same message will not change: something is wrong with this program, or with its settings.
const FAULTS = [400, 401, 404, 405, 413, 415];
const pause = (s) => new Promise((done) => setTimeout(done, s * 1000));

/** The secrets of a file, one in a line; two while one is being changed. */
const keys = (file) =>
  readFileSync(file, "utf8").trim().split(/\s+/).map((line) => Buffer.from(line.replace(/^whsec_/, ""), "base64"));

const signature = (key, id, timestamp, body) =>
  `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64")}`;

/** One try, signed anew: the status (0 where nobody answers), the answer, and after how many seconds to ask again. */
async function call(url, file, id, body) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const headers = {
    "Content-Type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signature(keys(file)[0], id, timestamp, body),
  };
  try {
    // Nobody leads a press elsewhere.
    const signal = AbortSignal.timeout(5000);
    const answer = await fetch(url, { method: "POST", body, headers, redirect: "manual", signal });
    return [answer.status, await answer.text(), Number(answer.headers.get("Retry-After") ?? 0)];
  } catch {
    return [0, "", 0];
  }
}

/** Until Egide has it. A real gateway keeps the message on its disk until then, and tries for a day at least. */
async function handOn(server, file, message) {
  // No number in it: it stands in Egide's log when half of a press stays alone.
  const id = `in_${randomBytes(8).toString("hex")}`;
  for (let tries = 0; ; tries += 1) {
    const [status, said, wait] = await call(`${server}/v1/sms`, file, id, JSON.stringify(message));
    if (status >= 200 && status < 300) {
      console.log(said);
      return;
    }
    // A real one keeps the message, tells somebody, and goes on once that is mended.
    if (FAULTS.includes(status)) throw new Error(`refused: ${status} ${said}`);
    await pause(wait || PAUSES_S[Math.min(tries, PAUSES_S.length - 1)]);
  }
}

const isEqual = (one, other) => one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));

/** Whether Egide signed this within the last minutes. */
function isTheirs(file, given, body) {
  const [id = "", timestamp = "", said = ""] = ["id", "timestamp", "signature"].map((part) => given[`webhook-${part}`]);
  if (!/^[0-9]{1,12}$/.test(timestamp) || Math.abs(Date.now() / 1000 - Number(timestamp)) > WINDOW_S) return false;
  const ours = keys(file).map((key) => signature(key, id, timestamp, body));
  return said.split(" ").some((one) => ours.some((other) => isEqual(one, other)));
}

/** Takes what is signed; knows a text that comes again by its id. */
function listen(port, file) {
  // A real gateway has them on its disk, for a day.
  const sent = new Set();
  const server = createServer(async (request, reply) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts);
    if (!isTheirs(file, request.headers, body)) {
      reply.writeHead(401).end();
      return;
    }
    const id = request.headers["webhook-id"];
    if (!sent.has(id)) {
      sent.add(id);
      const { to, text } = JSON.parse(body);
      // On its disk before it answers; here this is all the sending there is.
      console.log(JSON.stringify({ to, text }));
    }
    reply.writeHead(202).end();
  });
  server.listen(port, "127.0.0.1", () => console.log(JSON.stringify({ port: server.address().port })));
}

const [what, ...given] = process.argv.slice(2);
const sender = (from) => (from === undefined ? {} : { from });
if (what === "text" && (given.length === 3 || given.length === 4)) {
  const [server, file, text, from] = given;
  await handOn(server, file, { text, ...sender(from) });
} else if (what === "binary" && (given.length === 4 || given.length === 5)) {
  const [server, file, udh, data, from] = given;
  await handOn(server, file, { udh, data, ...sender(from) });
} else if (what === "listen" && given.length === 2) {
  listen(Number(given[0]), given[1]);
} else {
  console.error("node gateway.mjs text SERVER SECRET_FILE TEXT [FROM] | binary … | listen PORT SECRET_FILE");
  process.exitCode = 2;
}
