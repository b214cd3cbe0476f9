/** The number pad in front of everything that is hers. */
import { text } from "../locales";
import { el, heading, show } from "./dom";
import type { Shut } from "./entering";

const LONGEST = 8;

/** Asks for the code, and goes where it leads, unless the person has left meanwhile. `waiting`: what a press without network needs. */
export function showPad(title: string, then: (code: string) => Promise<Shut | (() => void)>, back: () => void, waiting: () => readonly HTMLElement[]): void {
  const input = el("input", { id: "pad", type: "password", inputmode: "numeric", autocomplete: "off", maxlength: LONGEST, "aria-label": text("pin.title") });
  const fault = el("p", { class: "line", role: "alert", id: "pad-fault" });
  const other = el("section", { class: "fields", id: "pad-waiting" });
  const enter = async (event: Event) => {
    event.preventDefault();
    if (input.readOnly) return;
    // What is typed meanwhile would be taken for the next code.
    input.readOnly = true;
    fault.textContent = text("enrol.working");
    const shut = await then(input.value).finally(() => (input.readOnly = false));
    if (!form.isConnected) return;
    if (typeof shut === "function") return shut();
    input.value = "";
    fault.textContent = text(`pin.${shut}`);
    other.replaceChildren(...(shut === "offline" ? waiting() : []));
  };
  const digit = (sign: string) => el("button", { type: "button", class: "key", onclick: () => input.readOnly || (input.value = (input.value + sign).slice(0, LONGEST)) }, sign);
  const erase = el("button", { type: "button", class: "key", onclick: () => (input.value = input.value.slice(0, -1)), "aria-label": text("pin.erase") }, "⌫");
  const pad = el("div", { class: "pad" }, ..."123456789".split("").map(digit), erase, digit("0"), el("button", { class: "key go", id: "pad-enter", "aria-label": text("enrol.next") }, "→"));
  const form = el("form", { onsubmit: (event) => void enter(event) }, input, fault, other, pad);
  show(el("main", { class: "phone" }, heading(text("pin.title")), form, el("button", { onclick: back }, text("pin.back"))), title);
  input.focus();
}
