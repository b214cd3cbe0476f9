// Dialogs: note, closing, keys, and the two that fill the screen until the sound is known to work.
import { reportShown, rows, waits } from "./board.js";
import { post } from "../boards/fragments.js";
import { chosenAlarm, identity, panel, send } from "./panel.js";
import { isAudible, onChange, play, unblock } from "./sound.js";
import { hint, say } from "./words.js";

const SHIFT_KEY = "egide-sound-heard";
const byId = (id) => document.getElementById(id);

/** Whether a key belongs to a field or an open dialog. */
export function isTyping(target) {
  return Boolean(document.querySelector("dialog[open]") || target.closest("input, textarea, select"));
}

/** Open a dialog about the chosen alarm. */
export function openDialog(id) {
  const dialog = byId(id);
  if (dialog.open) return;
  for (const line of dialog.querySelectorAll(".dialog-for")) line.textContent = byId("alarm-name")?.textContent ?? "";
  dialog.dataset.alarm = chosenAlarm();
  const choices = id === "zone-dialog" && byId("zone-choices");
  if (choices) byId("zone-zone").replaceChildren(choices.content.cloneNode(true));
  if (id === "close-dialog") showBasis();
  dialog.showModal();
}

/** Open the form of a command of the table: its own dialog, else the one for all, with what it asks. */
export function openCommand(button) {
  const { command, zone } = button.dataset;
  if (byId(`${command}-dialog`)) {
    openDialog(`${command}-dialog`);
    if (zone) byId("zone-zone").value = zone;
    return;
  }
  const form = byId("command-form");
  // What was typed and not sent stays, as long as it is the same command of the same alarm.
  const means = `${chosenAlarm()} ${command}`;
  if (form.dataset.means !== means) byId("command-asks").replaceChildren(byId(`asks-${command}`).content.cloneNode(true));
  form.dataset.means = means;
  form.dataset.sends = command;
  byId("command-title").textContent = button.firstChild.textContent.trim();
  openDialog("command-dialog");
}

/** Say what a key would record before it is recorded. */
function askFirst(button) {
  const dialog = byId("sure-dialog");
  byId("sure-what").textContent = button.firstChild.textContent.trim();
  byId("sure-team").textContent = "forOthers" in button.dataset ? panel().dataset.team : "";
  dialog.dataset.button = button.id;
  dialog.dataset.means = identity(button);
  openDialog("sure-dialog");
}

/** Record it, if the button still means what was asked. */
function record() {
  const { button, means } = byId("sure-dialog").dataset;
  byId("sure-dialog").close();
  const found = byId(button);
  if (found?.checkVisibility() && identity(found) === means) found.click();
  else hint(say("notNow"));
}

/** Only a fresh Enter records it: no key that is held, and no letter. */
function bindSure() {
  document.addEventListener("asked", ({ target }) => askFirst(target));
  byId("sure-record").addEventListener("click", record);
  byId("sure-dialog").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.repeat) event.preventDefault();
    if (event.key !== "Enter" || event.repeat || event.target.closest("button")) return;
    event.preventDefault();
    // The same key must not ask again behind the dialog that it closes.
    event.stopPropagation();
    record();
  });
}

/** On what the closing would rest (safety rule 8): a team that was there, or a supervisor's call-back. */
function showBasis() {
  const basis = byId("close-basis");
  if (!basis || byId("close-dialog").dataset.alarm !== chosenAlarm()) return;
  const slot = byId("close-basis-slot");
  // Nothing is replaced under a hand while it says the same.
  if (slot.dataset.shown === basis.innerHTML) return;
  slot.dataset.shown = basis.innerHTML;
  slot.replaceChildren(basis.content.cloneNode(true));
  byId("close-save").disabled = Boolean(slot.querySelector(".nobody")) && !slot.querySelector("[name=called_back]");
}

function copyReport({ outcome, text }) {
  byId("close-form").querySelector(`[name=outcome][value="${CSS.escape(outcome)}"]`).checked = true;
  const reason = byId("close-reason");
  reason.value = [reason.value.trim(), text].filter(Boolean).join("\n");
  reason.focus();
}

/** A form of a dialog sends the command that it is named after, or was opened for. */
function bindForm(form) {
  const dialog = form.closest("dialog");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    dialog.close();
    if (dialog.dataset.alarm !== chosenAlarm()) return;
    try {
      await send(`/${form.dataset.sends || form.id.replace(/-form$/, "")}`, Object.fromEntries(new FormData(form)));
    } catch {
      // What did not arrive stays in the form, and so does a refused text.
      return;
    }
    if (!byId("alarm-message")) form.reset();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.ctrlKey) form.requestSubmit();
  });
}

function showSound(audible) {
  const box = byId("sound-state");
  box.dataset.state = audible ? "on" : "off";
  box.querySelector(".glyph").textContent = audible ? "◀" : "◁";
  byId("sound-word").textContent = say(audible ? "soundOn" : "soundOff");
  if (!audible && sessionStorage.getItem(SHIFT_KEY) && !byId("sound-blocked").open) byId("sound-blocked").showModal();
  if (audible && byId("sound-blocked").open) byId("sound-blocked").close();
}

async function playTest() {
  await unblock();
  play("alarm");
  byId("sound-answer").hidden = false;
  byId("sound-heard").focus();
}

function bindSound() {
  const shift = byId("shift-start");
  byId("sound-test").addEventListener("click", playTest);
  byId("sound-unheard").addEventListener("click", () => (byId("sound-help").hidden = false));
  byId("sound-heard").addEventListener("click", () => {
    sessionStorage.setItem(SHIFT_KEY, "yes");
    post("/desk/sound");
    shift.close();
    showSound(isAudible());
  });
  byId("sound-unblock").addEventListener("click", unblock);
  byId("sound-state").addEventListener("click", () => {
    byId("sound-answer").hidden = true;
    byId("sound-help").hidden = true;
    shift.showModal();
  });
  onChange(showSound);
  // Neither can be waved away with Escape: a silent desk is no desk.
  const needed = { "shift-start": () => !sessionStorage.getItem(SHIFT_KEY), "sound-blocked": () => !isAudible() };
  for (const [id, isNeeded] of Object.entries(needed)) {
    byId(id).addEventListener("close", () => (isNeeded() ? byId(id).showModal() : reportShown()));
  }
  if (!sessionStorage.getItem(SHIFT_KEY)) shift.showModal();
  showSound(isAudible());
}

/** Say on a covering dialog how many alarms wait behind it. */
export function showWaiting() {
  const waiting = rows().filter(waits).length;
  for (const line of document.querySelectorAll(".cover-alarms")) {
    line.hidden = waiting === 0;
    line.textContent = `▲ ${say("waiting", { n: waiting })}`;
  }
}

/** Make all dialogs work. */
export function start() {
  document.querySelectorAll("dialog form[id$=-form]").forEach(bindForm);
  bindSound();
  bindSure();
  document.body.addEventListener("htmx:afterSettle", () => byId("close-dialog").open && showBasis());
  byId("help-open").addEventListener("click", () => openDialog("help-dialog"));
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-dismiss]")) event.target.closest("dialog").close();
    const copy = event.target.closest("#close-copy");
    if (copy) copyReport(copy.dataset);
  });
}
