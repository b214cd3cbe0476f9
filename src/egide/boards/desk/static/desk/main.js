// The desk's page: wires list, panel, live stream, sound and keys together.
import * as board from "./board.js";
import * as changed from "./changed.js";
import * as canary from "../boards/canary.js";
import { paintClocks, timeOfDay } from "../boards/clock.js";
import { start as startDialogs, isTyping, openCommand, openDialog, showWaiting } from "./dialogs.js";
import { atMostOnceASecond, isMove } from "../boards/fragments.js";
import * as here from "./here.js";
import { mayAct, start as startLetters } from "./letters.js";
import { Live } from "../boards/live.js";
import { offer } from "../egide/palette.js";
import * as kept from "./kept.js";
import "./listening.js";
import { start as startNumbers } from "./numbered.js";
import { start as startNext } from "./next.js";
import "../boards/patrols.js";
import * as panel from "./panel.js";
import { start as startReach } from "./reach.js";
import { start as startUndo } from "./undo.js";
import { startClocks } from "./wall_clock.js";
import { hint, say } from "./words.js";

const ALARM = "alarm:";
const LANES = ["VerificationFailed", "HalfReceived", "TestReceived"];

function showState(state) {
  const box = document.getElementById("live-state");
  if (box.dataset.state !== state) {
    box.dataset.state = state;
    box.textContent = say(state);
  }
}

const caughtUp = document.getElementById("caught-up");

function showLost(sinceMs) {
  showState("lost");
  document.getElementById("lost-since").textContent = timeOfDay(sinceMs);
  caughtUp.hidden = true;
  kept.showStrip(true);
}

const lanesSoon = atMostOnceASecond(board.refresh);
const panelSoon = atMostOnceASecond(panel.refresh);

function startLive() {
  let fragmentsCome = true;
  const live = new Live(document.body.dataset.live, board.head(), {
    event(seq, kind, stream) {
      canary.hear(kind);
      if (LANES.includes(kind)) lanesSoon(seq);
      if (!stream.startsWith(ALARM)) return;
      const alarm = stream.slice(ALARM.length);
      changed.expect(alarm, seq);
      if (alarm === panel.chosenAlarm()) (isMove(kind) ? panelSoon : panel.refresh)(seq);
    },
    row: changed.come,
    live() {
      if (fragmentsCome) showState("live");
      here.beat();
    },
    lost: showLost,
    trouble: canary.showTroubles,
    kept: kept.show,
    caughtUp(missed) {
      kept.showStrip(false);
      document.getElementById("caught-up-word").textContent = say("caughtUp", { n: missed });
      caughtUp.hidden = false;
      board.refresh();
      panel.refresh();
    },
  });
  // The stream may be alive while the pages are not: then what is seen is old all the same.
  document.addEventListener("fragments", ({ detail: come }) => {
    if (come === fragmentsCome) return;
    fragmentsCome = come;
    if (!come) showLost(Date.now());
    else if (!live.lost) {
      kept.showStrip(false);
      showState("live");
    }
  });
  document.getElementById("caught-up-close").addEventListener("click", () => (caughtUp.hidden = true));
}

// What stands beside the commands of the table, and the three that do more than press their button.
const KEYS = {
  arrowdown: () => panel.step(1),
  arrowup: () => panel.step(-1),
  " ": (event) => {
    // On a row that is not the chosen one, the key chooses it first: nobody takes what they do not see.
    const pick = event.target.closest("[data-pick]")?.dataset.pick;
    if (pick && pick !== panel.chosenAlarm()) return panel.choose(pick);
    return panel.act("act-acknowledge");
  },
  enter: (event) => {
    const pick = event.target.closest("[data-pick]")?.dataset.pick;
    return pick && pick !== panel.chosenAlarm() ? panel.choose(pick) : panel.actNext();
  },
  // A team in danger may belong to another alarm: the key shows it first, and answers when it is pressed again.
  s: () => panel.act("act-help-seen", true) || panel.chooseHelp(),
  k: () => panel.act("act-link", true),
  e: () => panel.act("act-ladder"),
  l: () => panel.act("act-radio"),
  j: () => panel.act("act-timeline"),
  r: () => panel.readFile(),
  "?": () => openDialog("help-dialog"),
};

function onKey(event) {
  if (!mayAct(event) || isTyping(event.target)) return;
  const key = event.key.toLowerCase();
  // Space, Enter and arrows on a control belong to that control.
  if ([" ", "enter"].includes(key) && event.target.closest("button, a, summary") && !event.target.closest("#alarm-list")) return;
  if (key.startsWith("arrow") && event.target.closest("#map, #file-scroll")) return;
  const action = KEYS[key] ?? panel.keyed(key);
  if (!action) return;
  event.preventDefault();
  if (action(event) !== false) return;
  hint(panel.chosenAlarm() ? [say("notNow"), panel.whatStands()].filter(Boolean).join(". ") : say("noAlarmChosen"));
}

function onClick(event) {
  const pick = event.target.closest("[data-pick]");
  if (pick) panel.choose(pick.dataset.pick);
  const copy = event.target.closest("[data-copy]");
  if (copy) navigator.clipboard.writeText(copy.dataset.copy).then(() => hint(say("copied")));
  const command = event.target.closest("[data-command]");
  if (command) openCommand(command);
  if (event.target.closest("#act-radio")) {
    openDialog("radio-dialog");
    panel.readForRadio();
  }
  if (event.target.closest("#act-ladder")) {
    openDialog("ladder-dialog");
    panel.readLadder();
  }
  if (event.target.closest("#act-timeline")) {
    openDialog("timeline-dialog");
    panel.readTimeline();
  }
  const link = event.target.closest("#act-link");
  if (link) {
    openDialog("link-dialog");
    panel.fetchInto("#link-text", link.dataset.url, "POST");
  }
}

/** An address with #row-ALARM, as the palette and the other pages have it, shows that alarm. */
function chooseByAddress() {
  const alarm = /^#row-([0-9a-f-]+)$/.exec(location.hash)?.[1];
  if (!alarm) return;
  history.replaceState(null, "", location.pathname);
  if (board.rowOf(alarm)) panel.choose(alarm);
}

here.start(() => board.rows().filter((row) => row.dataset.holds === "yes").length);
startClocks();
startReach();
startDialogs();
startNumbers();
startNext();
startLetters();
startUndo();
document.addEventListener("keydown", onKey);
document.addEventListener("click", onClick);
board.start(() => {
  showWaiting();
  panel.chooseIfFree();
});
panel.start();
chooseByAddress();
addEventListener("hashchange", chooseByAddress);
offer(panel.commands);
canary.start();
startLive();
paintClocks();
