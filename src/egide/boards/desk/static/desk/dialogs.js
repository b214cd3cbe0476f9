// Dialogs: note, closing, keys, and what a command asks.
import { reportShown, rows, waits } from "./board.js";
import { start as startHearing, tellWaiting } from "../boards/hearing.js";
import { chosenAlarm, identity, panel, send } from "./panel.js";
import { hint, say } from "./words.js";

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
  const neighbours = id === "neighbour-dialog" && byId("neighbour-choices");
  if (neighbours) byId("neighbour-receiver").replaceChildren(neighbours.content.cloneNode(true));
  if (id === "close-dialog") showBasis();
  if (id === "team-dialog") byId("team-patrols-slot").replaceChildren(byId("team-patrols")?.content.cloneNode(true) ?? "");
  dialog.querySelectorAll("[data-numbers]").forEach(showNumbers);
  dialog.showModal();
  dialog.dispatchEvent(new Event("opened"));
}

/** Show the numbers of the chosen zone or centre. */
function showNumbers(slot) {
  const place = byId(slot.dataset.numbersOf).value;
  const known = byId(slot.dataset.numbers)?.content.querySelector(`[data-place="${CSS.escape(place)}"]`);
  slot.replaceChildren(...(known ? [known.cloneNode(true)] : []));
}

/** Open the form of a command of the table: its own dialog, else the one for all, with what it asks. */
export function openCommand(button) {
  const { command, zone, step } = button.dataset;
  button.closest("dialog")?.close();
  if (byId(`${command}-dialog`)) {
    openDialog(`${command}-dialog`);
    if (zone) byId("zone-zone").value = zone;
    byId(`${command}-dialog`).querySelectorAll("[data-numbers]").forEach(showNumbers);
    return;
  }
  const form = byId("command-form");
  // What was typed and not sent stays, as long as it is the same command of the same alarm.
  const means = `${chosenAlarm()} ${command}`;
  if (form.dataset.means !== means) byId("command-asks").replaceChildren(byId(`asks-${command}`).content.cloneNode(true));
  form.dataset.means = means;
  form.dataset.sends = command;
  if (step) form.elements.step.value = step;
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

/** What the closing would rest on (safety rule 8): a team that was there, or a supervisor's call-back. */
function showBasis() {
  const basis = byId("close-basis");
  if (!basis || byId("close-dialog").dataset.alarm !== chosenAlarm()) return;
  const slot = byId("close-basis-slot");
  const callBack = document.querySelector("#briefing #call-back");
  const says = basis.innerHTML + (callBack?.innerHTML ?? "");
  // Nothing is replaced under a hand while it says the same.
  if (slot.dataset.shown === says) return;
  slot.dataset.shown = says;
  slot.replaceChildren(basis.content.cloneNode(true));
  // A call-back is made with its number and word before the eyes.
  if (callBack && slot.querySelector("[name=called_back]")) {
    const copy = callBack.cloneNode(true);
    copy.removeAttribute("id");
    slot.prepend(copy);
  }
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
      await send(`/${form.dataset.sends || form.id.replace(/-form$/, "")}`, Object.fromEntries(new FormData(form, event.submitter)));
    } catch {
      // What did not arrive stays in the form, and so does a refused text.
      return;
    }
    if (!byId("alarm-message")) form.reset();
  });
  form.addEventListener("keydown", (event) => {
    const save = form.querySelector("button.primary");
    if (event.key === "Enter" && event.ctrlKey && save) form.requestSubmit(save);
  });
}

/** Say on a covering dialog how many alarms wait behind it. */
export function showWaiting() {
  tellWaiting(rows().filter(waits).length);
}

/** Make all dialogs work. */
export function start() {
  document.querySelectorAll("dialog form[id$=-form]").forEach(bindForm);
  for (const slot of document.querySelectorAll("[data-numbers]")) {
    byId(slot.dataset.numbersOf).addEventListener("change", () => showNumbers(slot));
  }
  startHearing(reportShown);
  bindSure();
  document.body.addEventListener("htmx:afterSettle", () => byId("close-dialog").open && showBasis());
  byId("help-open").addEventListener("click", () => openDialog("help-dialog"));
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-dismiss]")) event.target.closest("dialog").close();
    const copy = event.target.closest("#close-copy");
    if (copy) copyReport(copy.dataset);
  });
}
