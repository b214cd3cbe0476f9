/**
 * What a code under threat opens: a private note, as such an app would keep behind a code. Nothing on it is hers
 * (safety rule 8), and holding it presses once more.
 */
import { text } from "../locales";
import { keep, kept } from "./decoys/drawer";
import { el, heading, show } from "./dom";
import { holdable } from "./hold";
import type { Inside } from "./inside";

/** The note as a field that keeps what is written, here and in her settings. */
export function privateNote(id: string): HTMLTextAreaElement {
  const note = el("textarea", { id, rows: 6, oninput: () => keep("private", note.value) });
  note.value = kept("private", text("decoy.private.body"));
  return note;
}

export function showPrivate(app: Inside, close: () => void): void {
  const note = privateNote("private-note");
  note.setAttribute("aria-label", text("decoy.private"));
  const page = el(
    "main",
    { class: "decoy", id: "private", "data-of": app.chosen.now.decoy },
    heading(text("decoy.private")),
    note,
    el("button", { id: "private-close", onclick: close }, text("decoy.private.close")),
  );
  holdable(page, () => app.chosen.now.holdsScreen && void app.pressOnScreen(), () => app.holdMs);
  show(page, text(`decoy.${app.chosen.now.decoy}`));
}
