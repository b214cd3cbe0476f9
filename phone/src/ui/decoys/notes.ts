/** Notes: a list, and a page for each. What is written is kept with every letter. */
import { currentLanguage, text } from "../../locales";
import type { Fill } from "../decoy";
import { el } from "../dom";
import { keep, kept } from "./drawer";

interface Note {
  readonly id: number;
  readonly text: string;
  readonly atMs: number;
}

export const fill: Fill = (place) => {
  const sample = [{ id: 1, text: text("decoy.notes.body"), atMs: Date.now() }];
  let notes: readonly Note[] = kept<readonly Note[]>("notes", sample);
  const change = (following: readonly Note[]) => keep("notes", (notes = following));
  const day = new Intl.DateTimeFormat(currentLanguage(), { day: "numeric", month: "short" });

  const showList = () => {
    const row = (note: Note) =>
      el("li", {}, el("button", { class: "row", onclick: () => write(note.id) }, el("span", { class: "first" }, firstLine(note)), el("span", { class: "muted" }, day.format(note.atMs))));
    const newest = [...notes].sort((one, other) => other.atMs - one.atMs);
    const add = el("button", { class: "accent", id: "note-new", onclick: () => write(Math.max(0, ...notes.map(({ id }) => id)) + 1) }, text("decoy.notes.new"));
    place.replaceChildren(add, newest.length > 0 ? el("ul", { class: "rows" }, ...newest.map(row)) : el("p", { class: "muted" }, text("decoy.notes.none")));
    return add;
  };

  const write = (id: number) => {
    const field = el("textarea", { id: "note", "aria-label": text("decoy.notes.text"), autocapitalize: "sentences" });
    const others = () => notes.filter((note) => note.id !== id);
    const grow = () => {
      field.style.height = "auto";
      field.style.height = `${field.scrollHeight}px`;
    };
    field.value = notes.find((note) => note.id === id)?.text ?? "";
    field.addEventListener("input", () => {
      grow();
      change(field.value.trim() === "" ? others() : [...others(), { id, text: field.value, atMs: Date.now() }]);
    });
    const remove = () => {
      change(others());
      showList().focus();
    };
    const bar = el("div", { class: "bar" },
      el("button", { id: "note-back", onclick: () => showList().focus() }, `‹ ${text("decoy.notes.all")}`),
      el("button", { id: "note-delete", onclick: remove }, text("decoy.delete")));
    place.replaceChildren(bar, field);
    grow();
    field.focus();
  };

  showList();
};

function firstLine(note: Note): string {
  return note.text.trim().split("\n", 1)[0]!;
}
