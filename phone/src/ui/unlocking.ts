/** The number pad in front of everything that is hers. */
import { text } from "../locales";
import { el, heading, show } from "./dom";

const LONGEST = 8;

/** Asks for the code and gives it to `then`, which says whether it was right; nothing is ever locked. */
export function showPad(title: string, then: (pin: string) => Promise<boolean>, back: () => void): void {
  const input = el("input", { id: "pad", type: "password", inputmode: "numeric", autocomplete: "off", maxlength: LONGEST, "aria-label": text("pin.title") });
  const fault = el("p", { class: "line", role: "alert", id: "pad-fault" });
  const enter = async (event: Event) => {
    event.preventDefault();
    if (await then(input.value)) return;
    input.value = "";
    fault.textContent = text("pin.wrong");
  };
  const digit = (sign: string) => el("button", { type: "button", class: "key", onclick: () => (input.value = (input.value + sign).slice(0, LONGEST)) }, sign);
  const erase = el("button", { type: "button", class: "key", onclick: () => (input.value = input.value.slice(0, -1)), "aria-label": text("pin.erase") }, "⌫");
  const pad = el("div", { class: "pad" }, ..."123456789".split("").map(digit), erase, digit("0"), el("button", { class: "key go", id: "pad-enter", "aria-label": text("enrol.next") }, "→"));
  const form = el("form", { onsubmit: (event) => void enter(event) }, input, fault, pad);
  show(el("main", { class: "phone" }, heading(text("pin.title")), form, el("button", { onclick: back }, text("pin.back"))), title);
  input.focus();
}
