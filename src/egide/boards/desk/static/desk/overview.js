// The supervisor's overview: brought up to date by the live stream, and every five seconds for people at a board.
import { eachSecond, paintClocks, setServerTime } from "../boards/clock.js";
import { coalesced, fetchFragment } from "../boards/fragments.js";
import { follow } from "./following.js";
import * as here from "./here.js";

const EVERY_MS = 5000;
const lists = () => document.getElementById("overview");
const links = () => [...document.querySelectorAll("#overview-list a")];

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
eachSecond(() => paintClocks());
setInterval(() => refresh(), EVERY_MS);
document.addEventListener("keydown", onKey);
follow(Number(lists().dataset.head), refresh, here.beat);
