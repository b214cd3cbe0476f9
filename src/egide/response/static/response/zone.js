// The zone's page: brought up to date by the live stream, never under a hand that types.
import { paintClocks, setServerTime } from "../desk/clock.js";
import { coalesced, fetchFragment, requestHeaders } from "../desk/fragments.js";
import { Live } from "../desk/live.js";

const lost = document.getElementById("lost");
const list = () => document.getElementById("zone-alarms");
let isWaiting = false;

/** Whether somebody is writing into a form of the list, or has written and not sent it. */
const isHeld = () =>
  list().contains(document.activeElement?.closest?.("form") ?? null) ||
  [...list().querySelectorAll("input:not([type=hidden])")].some((input) => input.value !== input.defaultValue);

const refresh = coalesced(async () => {
  if (isHeld()) {
    isWaiting = true;
    return null;
  }
  isWaiting = false;
  const fresh = (await fetchFragment("/zone/alarms")).getElementById("zone-alarms");
  list().replaceWith(fresh);
  learnTime();
  return Number(fresh.dataset.head);
});

function learnTime() {
  setServerTime(Number(list().dataset.now));
  paintClocks();
}

function setLost(isLost) {
  lost.hidden = !isLost;
}

learnTime();
setInterval(() => paintClocks(), 1000);
document.addEventListener("focusout", () => setTimeout(() => isWaiting && refresh(), 0));
document.addEventListener("fragments", ({ detail: come }) => setLost(!come));
new Live(document.body.dataset.live, Number(list().dataset.head), requestHeaders, {
  event(seq, _kind, stream) {
    if (stream.startsWith("alarm:")) refresh(seq);
  },
  live() {},
  lost: () => setLost(true),
  caughtUp() {
    setLost(false);
    refresh();
  },
});
