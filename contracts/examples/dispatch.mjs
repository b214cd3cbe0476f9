// A dispatch system: it is told of alarms, or fetches them, and answers. Without any of Egide's software.
//
//     node dispatch.mjs listen PORT PAGES NAME SECRET_FILE         be called; say of each alarm that it is shown
//     node dispatch.mjs fetch PAGES NAME SECRET_FILE               fetch once what is due, and say that it was taken
//     node dispatch.mjs answer PAGES NAME SECRET_FILE ANSWER       say something of an alarm, as JSON
//
// PAGES is the address of Egide's pages. Needs Node 20 or newer and nothing else. Behind a proxy that brings TLS.

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const WINDOW_S = 300;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const say = (what) => console.log(JSON.stringify(what));

/** The secrets of a file, one in a line; two while one is being changed. */
const keys = (file) =>
  readFileSync(file, "utf8").trim().split(/\s+/).map((line) => Buffer.from(line.replace(/^whsec_/, ""), "base64"));

const signature = (key, id, timestamp, body) =>
  `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64")}`;

/** Signed anew for each try. */
function headers(file, body) {
  const id = `msg_${randomBytes(8).toString("hex")}`;
  const timestamp = String(Math.floor(Date.now() / 1000));
  return {
    "Content-Type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signature(keys(file)[0], id, timestamp, body),
  };
}

const isEqual = (one, other) => one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));

/** Whether Egide signed this within the last minutes. */
function isTheirs(file, given, body) {
  const [id = "", timestamp = "", said = ""] = ["id", "timestamp", "signature"].map((part) => given[`webhook-${part}`]);
  if (!/^[0-9]{1,12}$/.test(timestamp) || Math.abs(Date.now() / 1000 - Number(timestamp)) > WINDOW_S) return false;
  const ours = keys(file).map((key) => signature(key, id, timestamp, body));
  return said.split(" ").some((one) => ours.some((other) => isEqual(one, other)));
}

/** Until somebody answers with more than that it cannot now. */
async function call(url, file, body) {
  for (;;) {
    try {
      const method = body === undefined ? "GET" : "POST";
      const signal = AbortSignal.timeout(5000);
      const answer = await fetch(url, { method, body, headers: headers(file, body ?? ""), redirect: "manual", signal });
      if (answer.status !== 503) return [answer.status, await answer.text()];
    } catch (error) {
      console.error(`nobody answers: ${error.message}`);
    }
    await pause(2000);
  }
}

async function answer(pages, name, file, said) {
  const [status] = await call(`${pages}/dispatch/${name}/answers`, file, JSON.stringify(said));
  return status;
}

/** Write each message down (here: print it), then say that it was taken. */
async function fetchDue(pages, name, file) {
  const [status, body] = await call(`${pages}/dispatch/${name}/messages`, file);
  if (status !== 200) throw new Error(`refused: ${status}`);
  for (const message of JSON.parse(body).messages) {
    say(message);
    const taken = { type: "message.taken", alarm: message.alarm, message: message.id };
    say({ taken: await answer(pages, name, file, taken) });
  }
}

/** Takes what is signed; knows a message that comes again by its id. */
function listen(port, pages, name, file) {
  const seen = new Set();
  const server = createServer(async (request, reply) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts);
    if (!isTheirs(file, request.headers, body)) {
      reply.writeHead(401).end();
      return;
    }
    const message = JSON.parse(body);
    const isNew = !seen.has(message.id);
    // A real system writes it to its disk first: 200 says that it will not be lost.
    seen.add(message.id);
    if (isNew) say(message);
    reply.writeHead(200).end();
    if (isNew && message.type === "alarm.raised") {
      const said = { type: "alarm.shown", alarm: message.alarm, by: "Op. 7", reference: "2027-000123" };
      say({ answered: await answer(pages, name, file, said) });
    }
  });
  server.listen(port, "127.0.0.1", () => say({ port: server.address().port }));
}

const [what, ...given] = process.argv.slice(2);
if (what === "listen" && given.length === 4) {
  listen(Number(given[0]), ...given.slice(1));
} else if (what === "fetch" && given.length === 3) {
  await fetchDue(...given);
} else if (what === "answer" && given.length === 4) {
  say({ answered: await answer(...given.slice(0, 3), JSON.parse(given[3])) });
} else {
  console.error("node dispatch.mjs listen PORT PAGES NAME SECRET_FILE | fetch … | answer …");
  process.exitCode = 2;
}
