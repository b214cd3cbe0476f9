// What was just said can be undone for ten seconds by the server's clock, whatever alarm is on the screen meanwhile.
import { serverNow } from "../boards/clock.js";
import { isTyping } from "./dialogs.js";
import { choose, panel, send } from "./panel.js";
import { hint, say } from "./words.js";

const ARM_MS = 1000;
const box = document.getElementById("undo");
const word = document.getElementById("undo-word");
let offer = null;

/** The panel says what can be undone of its alarm; where nothing can any more, the offer goes. */
function learn() {
  const found = document.getElementById("undo-offer");
  const { alarm } = panel().dataset;
  if (found && found.dataset.version !== offer?.version) {
    offer = { alarm, version: found.dataset.version, untilMs: Number(found.dataset.until), since: performance.now() };
    word.textContent = found.content.textContent.trim();
  } else if (!found && offer?.alarm === alarm) offer = null;
  paint();
}

function paint() {
  const leftS = offer ? Math.ceil((offer.untilMs - serverNow()) / 1000) : 0;
  if (box.hidden && leftS <= 0) return;
  box.hidden = leftS <= 0;
  box.dataset.armed = !box.hidden && performance.now() - offer.since >= ARM_MS ? "yes" : "no";
  document.getElementById("undo-left").textContent = Math.max(0, leftS);
}

function undo() {
  if (box.hidden) return hint(say("nothingToUndo"));
  if (box.dataset.armed === "no") return hint(say("wait"));
  const { alarm, version } = offer;
  offer = null;
  paint();
  choose(alarm);
  send("/undo", { version }).catch(() => {});
}

/** Watch the panel, the key and the button. */
export function start() {
  document.body.addEventListener("htmx:afterSettle", ({ detail }) => detail.target?.id === "alarm" && learn());
  document.getElementById("undo-now").addEventListener("click", undo);
  document.addEventListener("keydown", (event) => {
    if (!event.ctrlKey || event.shiftKey || event.altKey || event.repeat || event.key.toLowerCase() !== "z") return;
    if (isTyping(event.target)) return;
    event.preventDefault();
    undo();
  });
  setInterval(paint, 250);
}
