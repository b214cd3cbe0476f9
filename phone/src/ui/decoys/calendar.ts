/** A month with what is planned for its days. */
import { currentLanguage, text } from "../../locales";
import type { Fill } from "../decoy";
import { el } from "../dom";
import { keep, kept } from "./drawer";

const DAYS = 7;

/** Entries by day, the day as YYYY-MM-DD. */
type Dates = Readonly<Record<string, readonly string[]>>;

/** The days of the month of `first`, in weeks that begin on Monday; null where a day belongs to another month. */
export function weeksOf(first: Date): (Date | null)[] {
  const before = (new Date(first.getFullYear(), first.getMonth(), 1).getDay() + 6) % DAYS;
  const count = new Date(first.getFullYear(), first.getMonth() + 1, 0).getDate();
  const day = (number: number) => (number >= 1 && number <= count ? new Date(first.getFullYear(), first.getMonth(), number) : null);
  return Array.from({ length: Math.ceil((before + count) / DAYS) * DAYS }, (_, place) => day(place - before + 1));
}

function named(day: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

export const fill: Fill = (place) => {
  let dates = kept<Dates>("dates", {});
  let chosen = new Date();
  const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(currentLanguage(), options);
  const entries = (day: Date) => dates[named(day)] ?? [];
  const change = (following: readonly string[]) => {
    keep("dates", (dates = { ...dates, [named(chosen)]: following }));
    draw("entry");
  };
  const choose = (day: Date, focus: string) => {
    chosen = day;
    draw(focus);
  };
  const month = (step: number) => new Date(chosen.getFullYear(), chosen.getMonth() + step, 1);

  const dayButton = (day: Date | null) => {
    if (day === null) return el("span", {});
    const name = named(day);
    const isChosen = name === named(chosen);
    const label = format({ day: "numeric", month: "long" }).format(day);
    return el(
      "button",
      { id: `d${name}`, class: name === named(new Date()) ? "day today" : "day", "aria-pressed": String(isChosen), "aria-label": label, "data-full": entries(day).length > 0, onclick: () => choose(day, `d${name}`) },
      String(day.getDate()),
    );
  };
  const draw = (focus = "") => {
    // 1 January 2024 was a Monday.
    const weekdays = Array.from({ length: DAYS }, (_, day) => format({ weekday: "short" }).format(new Date(2024, 0, 1 + day)).replace(".", ""));
    const input = el("input", { id: "entry", autocomplete: "off", maxlength: 80, "aria-label": text("decoy.calendar.entry"), placeholder: text("decoy.calendar.entry") });
    const add = (event: Event) => {
      event.preventDefault();
      if (input.value.trim() !== "") change([...entries(chosen), input.value.trim()]);
    };
    const row = (entry: string, number: number) =>
      el("li", { class: "row" }, el("span", {}, entry), el("button", { class: "round", "aria-label": `${text("decoy.delete")} ${entry}`, onclick: () => change(entries(chosen).toSpliced(number, 1)) }, "×"));
    const turn = (id: string, sign: string, words: string, step: number) => el("button", { id, class: "round", "aria-label": words, onclick: () => choose(month(step), id) }, sign);
    place.replaceChildren(
      el("div", { class: "dial" },
        turn("month-before", "‹", text("decoy.calendar.before"), -1),
        el("h2", { id: "month" }, format({ month: "long", year: "numeric" }).format(chosen)),
        turn("month-after", "›", text("decoy.calendar.after"), 1)),
      el("div", { class: "month" }, ...weekdays.map((name) => el("span", { class: "muted" }, name)), ...weeksOf(chosen).map(dayButton)),
      el("h2", { id: "chosen" }, format({ weekday: "long", day: "numeric", month: "long" }).format(chosen)),
      entries(chosen).length > 0 ? el("ul", { class: "rows" }, ...entries(chosen).map(row)) : el("p", { class: "muted" }, text("decoy.calendar.none")),
      el("form", { class: "bar", onsubmit: add }, input, el("button", { class: "accent", id: "entry-add" }, text("decoy.calendar.add"))),
    );
    if (focus !== "") document.getElementById(focus)?.focus();
  };
  draw();
};
