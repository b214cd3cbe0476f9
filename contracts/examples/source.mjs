// A gateway that hands on what a button says that only broadcasts, and a service that speaks for trackers.
//
//     node source.mjs button SERVER SOURCE FRAME          a frame (hexadecimal) as it was heard
//     node source.mjs tracker SERVER SECRET_FILE NAME     somebody asks for help by a tracker
//
// Needs Node 20 or newer and nothing else.

import { readFileSync } from "node:fs";

const LATER = [429, 502, 503, 504, 507];
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Say it until it is durable. What is refused for good is not said again. */
async function report(url, said, more = {}) {
  const headers = { "Content-Type": "application/json", ...more };
  for (;;) {
    let wait = 1;
    try {
      const body = JSON.stringify(said);
      const answer = await fetch(url, { method: "POST", body, headers, signal: AbortSignal.timeout(5000) });
      const content = await answer.json();
      if (answer.ok) return content;
      if (!LATER.includes(answer.status)) throw new TypeError(`refused: ${answer.status} ${content.reason}`);
      wait = Number(answer.headers.get("Retry-After") ?? 1);
    } catch (error) {
      if (String(error.message).startsWith("refused")) throw error;
    }
    await pause(wait * 1000);
  }
}

const [what, server, ...given] = process.argv.slice(2);
if (what === "button" && given.length === 2) {
  console.log(JSON.stringify(await report(`${server}/v1/reports`, { source: given[0], frame: given[1] })));
} else if (what === "tracker" && given.length === 2) {
  const said = {
    event: { type: "alarm", eventTime: new Date().toISOString(), attributes: { alarm: "sos" } },
    device: { uniqueId: given[1] },
    position: { latitude: 50.4542, longitude: 3.9523, accuracy: 15, valid: true },
  };
  const secret = readFileSync(given[0], "utf8").trim();
  console.log(JSON.stringify(await report(`${server}/v1/reports/traccar`, said, { Authorization: `Bearer ${secret}` })));
} else {
  console.error("node source.mjs button SERVER SOURCE FRAME | tracker SERVER SECRET_FILE NAME");
  process.exitCode = 2;
}
