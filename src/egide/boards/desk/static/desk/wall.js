// The wall: the board's alarms for the whole room, brought up to date by the live stream. Nobody sits here: it says and
// reports nothing, and does not count as a board with somebody at it.
import { setServerTime } from "../boards/clock.js";
import { coalesced, fetchFragment } from "../boards/fragments.js";
import { follow } from "./following.js";
import { startClocks } from "./wall_clock.js";

const wall = () => document.getElementById("wall");

const refresh = coalesced(async () => {
  const fresh = (await fetchFragment("/desk/wall/rows")).getElementById("wall");
  wall().replaceWith(fresh);
  show();
  return Number(fresh.dataset.head);
});

function show() {
  setServerTime(Number(wall().dataset.now));
  const list = document.getElementById("wall-list");
  document.getElementById("wall-more").hidden = !list || list.scrollHeight <= list.clientHeight;
}

show();
startClocks();
addEventListener("resize", show);
follow(Number(wall().dataset.head), refresh);
