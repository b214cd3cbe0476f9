// The supervisor's overview: brought up to date by the live stream, and every five seconds for who is at a board.
import * as canary from "../boards/canary.js";
import { paintClocks, setServerTime } from "../boards/clock.js";
import { coalesced, fetchFragment } from "../boards/fragments.js";
import * as here from "./here.js";
import { Live } from "../boards/live.js";
import { say } from "./words.js";

const EVERY_MS = 5000;
const lists = () => document.getElementById("overview");
const links = () => [...document.querySelectorAll("#overview-list a")];
let fragmentsCome = true;

/** The focus stays on its alarm, wherever that stands now. */
const refresh = coalesced(async () => {
  const fresh = (await fetchFragment("/desk/overview/lists")).getElementById("overview");
  const focused = document.activeElement?.closest?.("#overview-list li")?.dataset.alarm;
  lists().replaceWith(fresh);
  if (focused) document.querySelector(`#overview-list li[data-alarm="${focused}"] a`)?.focus({ preventScroll: true });
  learnTime();
  return Number(fresh.dataset.head);
});

function learnTime() {
  setServerTime(Number(lists().dataset.now));
  paintClocks();
}

function showState(state) {
  const box = document.getElementById("live-state");
  box.dataset.state = state;
  box.textContent = say(state);
  document.getElementById("lost").hidden = state !== "lost";
}

function onKey(event) {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const all = links();
  if (!by || !all.length) return;
  event.preventDefault();
  const at = all.indexOf(document.activeElement);
  all[at < 0 ? 0 : (at + by + all.length) % all.length].focus();
}

here.start(() => document.querySelectorAll("#overview-list li[data-holds=yes]").length);
learnTime();
canary.start();
setInterval(() => paintClocks(), 1000);
setInterval(() => refresh(), EVERY_MS);
document.addEventListener("keydown", onKey);
document.addEventListener("fragments", ({ detail: come }) => {
  fragmentsCome = come;
  showState(come ? "live" : "lost");
});
new Live(document.body.dataset.live, Number(lists().dataset.head), {
  event(seq, kind, stream) {
    canary.hear(kind);
    if (stream.startsWith("alarm:")) refresh(seq);
  },
  live() {
    if (fragmentsCome) showState("live");
    here.beat();
  },
  lost: () => showState("lost"),
  trouble: canary.showTroubles,
  caughtUp: () => refresh(),
});
