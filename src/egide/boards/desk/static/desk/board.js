// The list of open alarms: brought up to date row by row, in an order that never changes under a hand.
import { announce } from "./announce.js";
import { paintClocks, setServerTime } from "../boards/clock.js";
import { coalesced, fetchFragment, post } from "../boards/fragments.js";
import { tellLoss } from "./losses.js";
import { play, ring } from "../boards/sound.js";
import { say } from "./words.js";

const scroller = document.getElementById("list-scroll");
const arrivals = document.getElementById("arrivals");
const calmTitle = document.title;
const reporting = new Set();
// How new what is shown of each alarm is: rows come by two ways, and one may overtake the other.
const headOf = new Map();
const lookOf = new WeakMap();
// A focus that was left in the list must not keep the most urgent alarm at its foot for the rest of a shift.
const KEYS_HOLD_MS = 4000;
let pointerInside = false;
let keyedAt = -KEYS_HOLD_MS;
let onChange = () => {};

const list = () => document.getElementById("alarm-list");
export const rows = () => [...list().querySelectorAll(":scope > li:not([data-gone])")];
export const rowOf = (alarm) => document.getElementById(`row-${alarm}`);
export const head = () => Number(document.getElementById("board").dataset.head);
/** Whether somebody here has to take the alarm, to take it over, or to answer its team. */
export const waits = (row) => row.dataset.rings === "yes";

/** Whether rows must stay where they are: a pointer is over them, or a key has just been used among them. */
const isHeld = () => pointerInside || performance.now() - keyedAt < KEYS_HOLD_MS;

function keyed() {
  keyedAt = performance.now();
  hold();
  setTimeout(settle, KEYS_HOLD_MS + 20);
}

const byUrgency = (a, b) =>
  a.dataset.urgency - b.dataset.urgency || a.dataset.since - b.dataset.since || a.id.localeCompare(b.id);

/** Fetch the whole board and show it; at least as new as `seq`. */
export const refresh = coalesced(async () => {
  const fragment = await fetchFragment("/desk/board");
  const fresh = fragment.getElementById("board");
  show(fresh);
  return Number(fresh.dataset.head);
});

/** Fetch the rows of these alarms alone; resolves to the place of the journal up to which they are true. */
export async function fetchRows(alarms) {
  const asked = new URLSearchParams(alarms.map((alarm) => ["alarm", alarm]));
  const fresh = (await fetchFragment(`/desk/board/rows?${asked}`)).getElementById("board");
  const head = Number(fresh.dataset.head);
  hold();
  for (const alarm of alarms) showRow(fresh.querySelector(`[id="row-${alarm}"]`), alarm, head);
  shown(fresh.dataset.now);
  return head;
}

/** Show one alarm as it was at `head`, a place of the journal: `html` is its row, or "" once it is closed. */
export function showPainted({ alarm, head, now, html }) {
  const template = document.createElement("template");
  template.innerHTML = html;
  hold();
  showRow(template.content.firstElementChild, alarm, head);
  shown(now);
}

/** Call `listener()` after every change of the list. */
export function start(listener) {
  onChange = listener;
  // A touch leaves no pointer behind; only a hovering one holds the rows.
  scroller.addEventListener("pointerenter", (event) => {
    pointerInside = event.pointerType !== "touch";
    hold();
  });
  scroller.addEventListener("pointerleave", () => release());
  scroller.addEventListener("focusin", (event) => event.target.matches(":focus-visible") && keyed());
  scroller.addEventListener("keydown", keyed);
  scroller.addEventListener("focusout", () => setTimeout(settle, 0));
  scroller.addEventListener("scroll", () => reportShown(), { passive: true });
  document.addEventListener("visibilitychange", () => reportShown());
  const board = document.getElementById("board");
  setServerTime(Number(board.dataset.now));
  for (const row of rows()) announceIfNew(row, null);
  afterChange();
}

/** A row that says more than before must not push the others: held rows keep their height. */
function hold() {
  if (!isHeld()) return;
  for (const button of list().querySelectorAll(".card")) button.style.height ||= `${button.getBoundingClientRect().height}px`;
}

function release() {
  pointerInside = false;
  settle();
}

function show(fresh) {
  const board = document.getElementById("board");
  board.dataset.head = fresh.dataset.head;
  hold();
  const head = Number(fresh.dataset.head);
  const painted = new Map([...fresh.querySelectorAll("#alarm-list > li")].map((row) => [row.dataset.alarm, row]));
  for (const [alarm, row] of painted) showRow(row, alarm, head);
  for (const row of rows()) if (!painted.has(row.dataset.alarm)) showRow(null, row.dataset.alarm, head);
  for (const lane of ["tests", "technical"]) showLane(board, lane, fresh.querySelector(`#${lane}`));
  shown(fresh.dataset.now);
}

function shown(now) {
  setServerTime(Number(now));
  document.getElementById("no-alarms").hidden = rows().length > 0;
  settle();
  paintClocks(scroller);
  afterChange();
}

/** Show an alarm as it was at `head`, unless something newer was shown of it; `fresh` is null where it has no row. */
function showRow(fresh, alarm, head) {
  if ((headOf.get(alarm) ?? 0) > head) return;
  headOf.set(alarm, head);
  if (fresh) return update(fresh);
  const known = rowOf(alarm);
  if (known) retire(known);
}

function update(fresh) {
  const known = rowOf(fresh.dataset.alarm);
  announceIfNew(fresh, known);
  const look = fresh.outerHTML;
  if (!known) {
    list().append(fresh);
    lookOf.set(fresh, look);
    return;
  }
  if (lookOf.get(known) === look && !known.dataset.gone) return;
  lookOf.set(known, look);
  delete known.dataset.gone;
  Object.assign(known.dataset, fresh.dataset);
  // The button itself stays, so that focus and hover stay; only what it says is replaced.
  const button = known.querySelector("button");
  const current = button.getAttribute("aria-current");
  button.className = fresh.querySelector("button").className;
  button.disabled = false;
  button.replaceChildren(...fresh.querySelector("button").childNodes);
  if (current) button.setAttribute("aria-current", current);
}

/** A closed alarm leaves at once, unless a hand is on the list: then it stays as a dead row until the hand is gone. */
function retire(row) {
  if (!isHeld()) {
    row.remove();
    return;
  }
  row.dataset.gone = "yes";
  row.querySelector("button").disabled = true;
}

/** The lanes below the alarms, tests before what is technical. */
function showLane(board, id, fresh) {
  const known = board.querySelector(`#${id}`);
  if (known && fresh) {
    // The lane itself stays, folded out or not, under a hand that is just folding it out too; what it says is replaced.
    [...known.children].forEach((part, i) => part.replaceChildren(...fresh.children[i].childNodes));
  } else if (fresh) board.insertBefore(fresh, id === "tests" ? board.querySelector("#technical") : null);
  else known?.remove();
}

/** Put the rows in order, unless they are held. */
function settle() {
  if (isHeld()) {
    const all = rows();
    const inOrder = [...all].sort(byUrgency).every((row, i) => row === all[i]);
    if (!inOrder) arrivals.textContent = say("newBelow");
    return;
  }
  arrivals.textContent = "";
  for (const button of list().querySelectorAll(".card")) button.style.height = "";
  for (const row of list().querySelectorAll("[data-gone]")) row.remove();
  const focused = list().contains(document.activeElement) ? document.activeElement : null;
  const sorted = rows().sort(byUrgency);
  const all = rows();
  sorted.forEach((row, i) => {
    if (list().children[i] !== row) list().insertBefore(row, list().children[i] ?? null);
  });
  // A row that is moved loses the focus.
  if (focused?.isConnected && document.activeElement !== focused) focused.focus({ preventScroll: true });
  if (all.length) reportShown();
}

const figureOf = (row) => (["help", "duress"].includes(row.dataset.looks) ? row.dataset.looks : "alarm");

/** What a row says that it did not say before: [the word for it, whether it sounds once], or nothing. */
function newsOf(fresh, known) {
  const now = fresh.dataset;
  const was = known?.dataset ?? {};
  if (now.looks === "help" && was.looks !== "help") return ["help", true];
  if (now.asked === "yes" && was.asked !== "yes") return ["asked", true];
  if (!known) return waits(fresh) ? [now.looks === "duress" ? "newDuress" : "newAlarm", false] : null;
  if (now.left && now.left !== was.left) return ["left", true];
  if (now.supervisor && !was.supervisor && waits(fresh)) return ["supervisor", true];
  if (Number(now.presses) > Number(was.presses)) return ["pressedAgain", true];
  if (now.late && Number(now.missed) > Number(was.missed)) return ["late", true];
  if (now.lead !== was.lead && was.lead) return ["leads", false];
  if (now.takenBy && !was.takenBy) return ["takenBy", false];
  return null;
}

function announceIfNew(fresh, known) {
  const { name, zone, takenBy, late, left, lead, supervisor } = fresh.dataset;
  const [word, sounds] = newsOf(fresh, known) ?? [];
  if (word) announce(word === "left" ? `${left}: ${name}` : say(word, { name, zone, by: supervisor || takenBy, step: late, centre: lead }));
  if (sounds) play(figureOf(fresh), 0.9);
  if (known?.dataset.mine !== "yes" || fresh.dataset.mine === "yes") return;
  if (takenBy) tellLoss(say("lostTaken", { name, by: takenBy }));
  else if (left) tellLoss(say("lostRings", { name, left }));
}

function afterChange() {
  const waiting = rows().filter(waits);
  document.title = waiting.length ? `(${waiting.length}) ${calmTitle}` : calmTitle;
  document.getElementById("count").textContent = rows().length;
  const figures = waiting.map(figureOf);
  const figure = ["help", "duress", "alarm"].find((one) => figures.includes(one)) ?? null;
  ring(figure, waiting.some((row) => row.dataset.late));
  reportShown();
  onChange();
}

/** Tell the server which rows a person can see, after the browser has painted them (design: shown means painted). */
export function reportShown() {
  requestAnimationFrame(() => requestAnimationFrame(() => rows().filter(isInSight).forEach(report)));
}

async function report(row) {
  const alarm = row.dataset.alarm;
  if (row.dataset.shown === "yes" || reporting.has(alarm)) return;
  reporting.add(alarm);
  if (await post(`/desk/alarms/${alarm}/shown`)) row.dataset.shown = "yes";
  reporting.delete(alarm);
}

function isInSight(row) {
  if (document.hidden || document.querySelector("dialog.cover[open]")) return false;
  const box = row.getBoundingClientRect();
  const frame = scroller.getBoundingClientRect();
  const top = Math.max(0, frame.top);
  const bottom = Math.min(innerHeight, frame.bottom);
  return box.height > 0 && box.top >= top - 1 && Math.min(box.bottom, box.top + 60) <= bottom + 1;
}
