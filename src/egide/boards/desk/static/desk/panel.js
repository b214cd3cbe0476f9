// The chosen alarm: next action, position, file. What is typed or focused outlives every update.
import { announce } from "./announce.js";
import { paintClocks } from "../boards/clock.js";
import { coalesced } from "../boards/fragments.js";
import { afterPress, isPressed } from "../boards/pressing.js";
import { head, rowOf, rows, waits } from "./board.js";
import { draw } from "./map.js";
import { hint, say } from "./words.js";

const ARM_MS = 1000;
const REFUSAL_MS = 15000;
const slot = document.getElementById("briefing-slot");
// Weapons and instruction of the chosen alarm, or why they do not stand there.
const pinned = () => document.getElementById("pinned");
let chosen = "";
let fileKey = null;
let abroadSaid = "";
let painted = new Map();
// What is open in the panel, by id.
let opened = [];

export const chosenAlarm = () => chosen;
export const panel = () => document.getElementById("alarm");
const url = (what = "") => `/desk/alarms/${chosen}${what}`;

// Of what waits behind a request of the same element, htmx keeps only the last and drops the others without a word. So
// each thing that is asked for has a source of its own, and whatever is sent has one that nothing else uses.

/** Ask for something that nothing here waits for: that it did not come is said by the one that hears of it (`start`). */
const ask = (method, address, target) =>
  htmx.ajax(method, address, { source: target, target, swap: "innerHTML" }).catch(() => {});

/** Fetch the chosen alarm again; at least as new as `seq`. */
export const refresh = coalesced(async () => {
  const asked = chosen;
  if (!asked) return null;
  await htmx.ajax("GET", url(), { source: "#file-scroll", target: "#alarm", swap: "outerHTML" });
  // Somebody chose another one meanwhile: that choice fetches for itself.
  return asked === chosen ? Number(panel().dataset.seq ?? 0) : null;
});

/** Choose an alarm: its row is marked, its panel and its file are loaded. */
export function choose(alarm) {
  if (alarm === chosen) return;
  chosen = alarm;
  fileKey = null;
  mark();
  forgetFile("readingFile");
  document.getElementById("file-scroll").scrollTop = 0;
  refresh();
}

/** Nothing of a file stands here any more; `word` says why. */
function forgetFile(word) {
  slot.replaceChildren();
  pinned().replaceChildren();
  delete pinned().dataset.alarm;
  if (word) pinned().append(`◌ ${say(word)}`);
}

/** Choose the alarm whose team waits for an answer, if there is one. */
export function chooseHelp() {
  const row = rows().find((one) => one.dataset.looks === "help");
  if (!row || row.dataset.alarm === chosen) return false;
  row.scrollIntoView({ block: "nearest" });
  choose(row.dataset.alarm);
  return true;
}

/** Mark the chosen row. */
export function mark() {
  for (const button of document.querySelectorAll("#alarm-list [data-pick]")) {
    if (button.dataset.pick === chosen) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

/** The next or previous alarm of the list; behind the last one comes the first. */
export function step(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.dataset.alarm === chosen);
  const next = all[at < 0 ? 0 : (at + by + all.length) % all.length];
  next.scrollIntoView({ block: "nearest" });
  choose(next.dataset.alarm);
}

/** With nothing at hand, or a closed alarm before us, the most urgent one comes up by itself; never over an open one. */
export function chooseIfFree() {
  mark();
  if (chosen && rowOf(chosen) && !rowOf(chosen).dataset.gone) return;
  if (document.querySelector("dialog[open]:not(.cover)")) return;
  const next = rows().find(waits) ?? (chosen ? null : rows()[0]);
  if (!next) return;
  if (chosen) hint(say("closed", { name: document.getElementById("alarm-name").textContent }));
  choose(next.dataset.alarm);
}

/** Read the chosen alarm's file (again). That it is read is recorded. */
export function readFile() {
  if (chosen) ask("GET", `/response/alarms/${chosen}/briefing`, "#briefing-slot");
}

/** Fetch what a dialog shows of the chosen alarm into `target`; nothing older stands there meanwhile. */
export function fetchInto(target, address, method = "GET") {
  document.querySelector(target).replaceChildren();
  return ask(method, address, target);
}

/** What is read out by radio. That the file was read for it is recorded. */
export const readForRadio = () => fetchInto("#radio-text", `/response/alarms/${chosen}/radio`);

/** What happens when, if nobody acts. */
export const readLadder = () => fetchInto("#ladder-text", url("/ladder"));

/** All that happened, event by event. */
export const readTimeline = () => fetchInto("#timeline-text", url("/timeline"));

/** Send a form of a dialog; the panel shows the answer. Throws when none came. */
export async function send(what, values) {
  const source = document.createElement("i");
  source.hidden = true;
  document.body.append(source);
  try {
    return await htmx.ajax("POST", url(what), { source, target: "#alarm", swap: "outerHTML", values });
  } finally {
    source.remove();
  }
}

/**
 * Use the action `id` if it is there and has been on the screen for a second (safety rule 4).
 *
 * What a letter would record is asked about first, and so is by any key what is said for a team (safety rule 39).
 */
export function act(id, byLetter = false) {
  const button = document.getElementById(id);
  if (!button?.checkVisibility()) return false;
  if (isFresh(button)) hint(say("wait"));
  else if ("forOthers" in button.dataset || (byLetter && button.matches("[hx-post], [data-url]"))) {
    button.dispatchEvent(new CustomEvent("asked", { bubbles: true }));
  } else button.click();
  return true;
}

/** What a letter does that stands beside a command of the table (`letters` keeps it): now, or not now. */
export function keyed(key) {
  if (!/^[a-z]$/.test(key) || !document.body.dataset.keys.includes(key)) return undefined;
  const means = (one) => one.dataset.letter?.toLowerCase() === key && one.checkVisibility();
  const button = actions().find(means);
  return () => Boolean(button) && act(button.id, true);
}

/** What stands in the way of a key that does nothing here: who has the alarm, who leads, and what comes next. */
export function whatStands() {
  const words = (at) => at.innerText.replace(/\s+/g, " ").trim();
  const seen = [...document.querySelectorAll("#taken-by .chip, #lead .chip, #copy .chip, #coming")].filter((at) => at.checkVisibility());
  return seen.map(words).join(" · ");
}

/** Use the largest action of the panel. */
export function actNext() {
  const next = document.querySelector("#alarm [data-next]");
  return next ? act(next.id) : false;
}

/** What can be done in the chosen alarm now, for the palette; each asks first as its letter does. */
export const commands = () =>
  actions()
    .filter((button) => button.checkVisibility())
    .map(({ id, firstChild }) => ({ word: firstChild.textContent.trim(), run: () => act(id, true) || hint(say("notNow")) }));

const actions = () => [...document.querySelectorAll("#alarm button[id^=act-]")];

/** An action is the same one as long as it means the same: to keep it from another centre is another action. */
export const identity = ({ id, dataset }) => `${chosen} ${id} ${dataset.means ?? ""}`;

/** Read aloud once that the alarm is abroad or outside every zone, not again with each position (safety rule 7). */
function sayAbroad() {
  const text = document.getElementById("abroad")?.textContent.replace(/\s+/g, " ").trim() ?? "";
  const news = text && `${chosen} ${text}`;
  const name = document.getElementById("alarm-name").textContent;
  if (news && news !== abroadSaid) announce(`${name}: ${text}`);
  abroadSaid = news;
}

const isFresh = (button) => !(performance.now() - painted.get(identity(button)) >= ARM_MS);

function afterSwap() {
  if (panel().dataset.alarm !== chosen) return;
  paintClocks(document.getElementById("desk"));
  // The next update takes a refusal out of the panel: it must stay readable all the same.
  const refusal = document.getElementById("alarm-message");
  if (refusal) hint(refusal.textContent.trim(), REFUSAL_MS);
  draw(JSON.parse(document.getElementById("map-slot").dataset.map));
  requestAnimationFrame(() => requestAnimationFrame(arm));
  lock();
  sayAbroad();
  const key = panel().dataset.fileKey;
  // The file is read when an alarm is chosen, and again when the position crossed the border of a ban.
  const closed = panel().dataset.looks === "closed";
  if (!closed && key !== fileKey) readFile();
  if (closed) forgetFile();
  // A closed alarm that is pressed again needs its file anew.
  fileKey = closed ? null : key;
}

/** The second counts from the moment at which this action of this alarm was painted; an update does not start it anew. */
function arm() {
  const now = performance.now();
  const before = painted;
  painted = new Map();
  for (const button of actions().filter((one) => one.checkVisibility())) {
    painted.set(identity(button), before.get(identity(button)) ?? now);
  }
  lock();
  setTimeout(lock, ARM_MS + 20);
}

function lock() {
  for (const button of actions()) {
    if (isFresh(button)) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
}

/** An update waits while a button is pressed: it would take the button from under the finger, and the click with it. */
function beforeSwap({ detail }) {
  // A file that comes late must not stand under another name.
  if (detail.target?.id === "briefing-slot") detail.shouldSwap &&= detail.pathInfo.requestPath.includes(`/${chosen}/`);
  if (detail.target?.id !== "alarm") return;
  if (isPressed(panel()) && detail.requestConfig.verb === "get") {
    detail.shouldSwap = false;
    afterPress(refresh);
  }
  opened = [...panel().querySelectorAll("details[open]")].map(({ id }) => id);
}

/** Where the file of a newly shown alarm did not come, this must not look like a file without weapons. */
function fileFailed({ detail }) {
  if (detail.target?.id === "briefing-slot" && !pinned().dataset.alarm) forgetFile("fileFailed");
}

/** What a person has opened stays open until they close it. */
function keepOpen() {
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
}

/** Listen to what htmx brings, and guard what has only just appeared. */
export function start() {
  document.body.addEventListener("htmx:beforeSwap", beforeSwap);
  document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target?.id !== "alarm") return;
    keepOpen();
    // What is new looks so from the moment in which it stands there.
    lock();
  });
  document.body.addEventListener("htmx:afterSettle", ({ detail: { target } }) => {
    if (target?.id === "alarm") afterSwap();
    else if (target) paintClocks(target);
    // What happens next is in sight, however much of the ladder is done.
    if (target?.id === "ladder-text") target.querySelector(".running")?.scrollIntoView({ block: "center" });
  });
  document.body.addEventListener("htmx:sendError", () => hint(say("failed")));
  for (const kind of ["htmx:sendError", "htmx:responseError"]) document.body.addEventListener(kind, fileFailed);
  // htmx rejects what it had queued with no reason, where nobody can catch it; the line above has said it.
  addEventListener("unhandledrejection", (event) => event.reason === undefined && event.preventDefault());
  document.body.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status === 401) location.assign("/sign-in?next=/desk/");
    else if (event.detail.requestConfig.verb === "post") hint(say("failed"));
  });
  document.addEventListener("click", guard, { capture: true });
  // A task can appear by the clock alone; its second counts from then.
  setInterval(arm, 500);
  if (head() >= 0) chooseIfFree();
}

function guard(event) {
  if (!event.target.closest?.("[aria-disabled=true]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  hint(say("wait"));
}
