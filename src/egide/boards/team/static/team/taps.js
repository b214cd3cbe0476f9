// What was tapped, kept on this phone until the server has it: sent in order, each once, whatever the network does.
// Only taps are kept, never what the page shows; a report's text and a position go as soon as they have arrived.
import { timeOfDay } from "../boards/clock.js";
import { headers } from "../boards/headers.js";

const KEY = `egide-taps-${document.body.dataset.alarm}`;
const PAGE = crypto.randomUUID();
const RETRY_MS = [1000, 2000, 5000, 10_000];
const PATIENCE_MS = 8000;
const FORGET_MS = 24 * 3600_000;
const words = document.getElementById("tap-words").dataset;

let taps = load();
let sending = false;
let tries = 0;
let timer;

/** The words of this page's scripts. */
export { words };

function load() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return kept.filter((tap) => Date.now() - tap.at < FORGET_MS);
  } catch {
    return [];
  }
}

function save() {
  try {
    localStorage.setItem(KEY, JSON.stringify(taps));
  } catch {
    // A browser that keeps nothing: the taps live as long as the page.
  }
}

/** How long ago it was tapped: never younger than the steady clock says, which a reload starts anew. */
function ageMs(tap) {
  const steady = tap.page === PAGE ? performance.now() - tap.steady : 0;
  return Math.max(0, steady, Date.now() - tap.at);
}

/** Keep a tap and send it. `more` goes with it: a position, outcome and text, or the fields of a form. */
export function keep(kind, more = {}) {
  taps.push({ id: crypto.randomUUID(), kind, at: Date.now(), steady: performance.now(), page: PAGE, state: "kept", ...more });
  changed();
  send();
}

/** Forget everything on this phone once nothing waits any more. */
export function forget() {
  if (next()) return;
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Nothing was kept.
  }
}

/** Whether such a tap is on its way, or has arrived since a moment: what came before, the page shows by itself. */
export const has = (kind, sinceMs) => taps.some((tap) => tap.kind === kind && (tap.state === "kept" || tap.sent > sinceMs));

/** The latest tap, of a kind or of any. */
export const last = (kind = "") => taps.findLast((tap) => !kind || tap.kind === kind);

function changed() {
  save();
  paint();
  document.dispatchEvent(new CustomEvent("taps"));
}

async function send() {
  if (sending) return;
  sending = true;
  clearTimeout(timer);
  for (let tap = next(); tap; tap = next()) {
    if (!(await sendOne(tap))) {
      timer = setTimeout(send, RETRY_MS[Math.min(tries++, RETRY_MS.length - 1)]);
      break;
    }
    tries = 0;
  }
  sending = false;
}

const next = () => taps.find((tap) => tap.state === "kept");

/** Whether the server has answered for good. */
async function sendOne(tap) {
  const { id, kind, lat_e7, lon_e7, accuracy_m, outcome, text, fields } = tap;
  const values = { ...fields, id, kind, age_s: Math.round(ageMs(tap) / 1000), lat_e7, lon_e7, accuracy_m, outcome, text };
  const body = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== undefined));
  let reply, answer;
  try {
    reply = await fetch(`${document.body.dataset.base}tap`, { method: "POST", headers, body, signal: AbortSignal.timeout(PATIENCE_MS) });
    if (reply.status === 200 || reply.status === 422) answer = await reply.json();
  } catch {
    return false;
  }
  if (reply.status === 200) settle(tap, { state: "sent", sent: Date.now() });
  else if (reply.status === 422) settle(tap, { state: "refused", said: answer.said });
  else if (reply.status === 404 || reply.status === 410) settle(tap, { state: "refused", said: words.gone });
  else return false;
  return true;
}

function settle(tap, result) {
  Object.assign(tap, result);
  for (const name of ["lat_e7", "lon_e7", "accuracy_m", "outcome", "text", "fields"]) delete tap[name];
  changed();
}

const NAMES = JSON.parse(words.names);

function paint() {
  document.getElementById("taps").hidden = !taps.length;
  document.getElementById("tap-list").replaceChildren(...taps.map((tap) => line(tap, "li")));
  paintLast();
}

/** The first tap that waits, else the latest, right above the buttons: nobody should have to look for it. */
function paintLast() {
  const box = document.getElementById("tap-last");
  const shown = next() ?? taps.at(-1);
  if (!box || !shown) return;
  box.hidden = false;
  box.className = `tap-last ${shown.state}`;
  box.replaceChildren(...line(shown, "p").childNodes);
}

function line(tap, tag) {
  const item = document.createElement(tag);
  item.className = tap.state;
  item.dataset.kind = tap.kind;
  const name = tap.located ? words.helpPosition : (NAMES[tap.kind] ?? tap.kind);
  const state = { kept: words.kept, sent: `${words.sent} ${timeOfDay(tap.sent)}`, refused: `${words.refused} ${tap.said}` }[tap.state];
  const mark = { kept: "◌", sent: "✓", refused: "✕" }[tap.state];
  const strong = document.createElement("b");
  strong.textContent = `${timeOfDay(tap.at)} ${name}`;
  const sign = document.createElement("span");
  sign.ariaHidden = "true";
  sign.textContent = mark;
  item.append(sign, strong, ` ${state}`);
  return item;
}

paint();
send();
addEventListener("online", send);
document.addEventListener("visibilitychange", () => document.hidden || send());
