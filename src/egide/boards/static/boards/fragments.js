// Fetching fragments through Django, where permission is decided. One request at a time for each thing.
import { headers } from "./headers.js";

const MAX_STALE_RETRIES = 20;
// A server that hangs must show as one that is gone.
const PATIENCE_MS = 4000;

/** Fetch a fragment as an element; goes to the sign-in page when the session is over. Throws when it does not come. */
export async function fetchFragment(url) {
  const reply = await fetch(url, { headers, cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
  if (reply.status === 401) location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`);
  if (!reply.ok) throw new Error(`${url}: ${reply.status}`);
  const template = document.createElement("template");
  template.innerHTML = await reply.text();
  return template.content;
}

const tell = (came) => document.dispatchEvent(new CustomEvent("fragments", { detail: came }));

/** Send a small report, with these values; true when it arrived. */
export async function post(url, values = {}) {
  try {
    const body = new URLSearchParams(values);
    return (await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(PATIENCE_MS) })).ok;
  } catch {
    return false;
  }
}

const MOVES = ["PositionReceived", "PositionLocated"];
const MOVES_EVERY_MS = 1000;

/** Whether an event tells only where somebody is: that may wait for a moment, whatever else happens may not. */
export const isMove = (kind) => MOVES.includes(kind);

/** Calls of the result lead to at most one `run(seq)` a second: the first at once, what comes meanwhile together. */
export function atMostOnceASecond(run) {
  let last = -MOVES_EVERY_MS;
  let timer = null;
  let wanted = 0;
  return function soon(seq = 0) {
    wanted = Math.max(wanted, seq);
    timer ??= setTimeout(() => {
      timer = null;
      last = performance.now();
      run(wanted);
    }, Math.max(0, last + MOVES_EVERY_MS - performance.now()));
  };
}

/**
 * Wraps `load` (an async function that returns the seq up to which its result is true) so that calls during a run
 * lead to one further run, and a result older than the asked seq is fetched again. Failures are repeated every second
 * and announced as a "fragments" event on the document, with `detail` false while they last.
 */
export function coalesced(load) {
  let wanted = 0;
  let running = false;
  let again = false;
  return async function run(seq = 0) {
    wanted = Math.max(wanted, seq);
    again = true;
    if (running) return;
    running = true;
    try {
      for (let stale = 0; again; ) {
        again = false;
        const got = await load();
        tell(true);
        if (got !== null && got < wanted && stale++ < MAX_STALE_RETRIES) {
          await new Promise((done) => setTimeout(done, 50 * stale));
          again = true;
        }
      }
    } catch {
      tell(false);
      setTimeout(run, 1000, wanted);
    } finally {
      running = false;
    }
  };
}
