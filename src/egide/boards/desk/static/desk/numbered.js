// Lists with numbers, in the dialog that shows them alone: one sends a silent question, another chooses how it ended.
import { chosenAlarm, panel } from "./panel.js";
import { hint, say } from "./words.js";

const ARM_MS = 1000;
const asking = document.getElementById("ask-dialog");
const closing = document.getElementById("close-dialog");

// On a French keyboard the row of digits writes signs: there the key counts, not what it writes.
const numberOf = ({ key, code }) => (/^[0-9-]$/.test(key) ? key : /^Digit([0-9])$/.exec(code)?.[1]);

function onKey(event) {
  const { target, currentTarget, ctrlKey, altKey, metaKey, repeat } = event;
  if (ctrlKey || altKey || metaKey || repeat || target.matches("textarea, select, input:not([type=radio], [type=checkbox])")) return;
  const line = currentTarget.querySelector(`[aria-keyshortcuts="${numberOf(event) ?? ""}"]`);
  if (!line) return;
  event.preventDefault();
  line.click();
  // What was chosen is sent with its reason: the hand goes on there.
  if (line.type === "radio") line.form.querySelector("textarea").focus();
}

/** What has only just appeared sends nothing (safety rule 4); a click on it is refused where every such click is. */
function arm() {
  const buttons = [...asking.querySelectorAll(".numbered button")];
  for (const button of buttons) button.setAttribute("aria-disabled", "true");
  clearTimeout(arm.timer);
  arm.timer = setTimeout(() => buttons.forEach((button) => button.removeAttribute("aria-disabled")), ARM_MS);
}

/** After a code under threat nothing is asked any more: the list closes under the hand (safety rule 8). */
function closeIfOver() {
  if (!asking.open || (asking.dataset.alarm === chosenAlarm() && panel().querySelector("#act-ask"))) return;
  asking.close();
  hint(say("notNow"));
}

/** Make the numbers work. */
export function start() {
  asking.addEventListener("opened", arm);
  for (const dialog of [asking, closing]) dialog.addEventListener("keydown", onKey);
  document.body.addEventListener("htmx:afterSettle", ({ detail }) => detail.target?.id === "alarm" && closeIfOver());
}
