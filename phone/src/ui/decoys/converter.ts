/** Units of length, weight, temperature and volume (factors: NIST Special Publication 811, appendix B.8, and BIPM's SI brochure). */
import { currentLanguage, text } from "../../locales";
import type { Fill } from "../decoy";
import { el } from "../dom";
import { keep, kept } from "./drawer";

/** How many of the kind's first unit one is, and from where it counts. */
interface Unit {
  readonly sign: string;
  readonly factor: number;
  readonly zero?: number;
}

export const KINDS = {
  length: [
    { sign: "m", factor: 1 }, { sign: "mm", factor: 0.001 }, { sign: "cm", factor: 0.01 }, { sign: "km", factor: 1000 },
    { sign: "in", factor: 0.0254 }, { sign: "ft", factor: 0.3048 }, { sign: "mi", factor: 1609.344 },
  ],
  weight: [{ sign: "kg", factor: 1 }, { sign: "g", factor: 0.001 }, { sign: "oz", factor: 0.028349523125 }, { sign: "lb", factor: 0.45359237 }],
  temperature: [{ sign: "°C", factor: 1 }, { sign: "°F", factor: 5 / 9, zero: -160 / 9 }, { sign: "K", factor: 1, zero: -273.15 }],
  volume: [
    { sign: "l", factor: 1 }, { sign: "dl", factor: 0.1 }, { sign: "cl", factor: 0.01 }, { sign: "ml", factor: 0.001 },
    { sign: "fl oz (US)", factor: 0.0295735295625 }, { sign: "gal (US)", factor: 3.785411784 },
  ],
} as const satisfies Record<string, readonly Unit[]>;
export type Kind = keyof typeof KINDS;

interface Asked {
  readonly kind: Kind;
  readonly value: string;
  readonly from: number;
  readonly to: number;
}

/** `value` of the unit number `from` in the unit number `to`. */
export function converted(kind: Kind, value: number, from: number, to: number): number {
  const units: readonly Unit[] = KINDS[kind];
  const [one, other] = [units[from]!, units[to]!];
  return (value * one.factor + (one.zero ?? 0) - (other.zero ?? 0)) / other.factor;
}

export const fill: Fill = (place) => {
  const fresh: Asked = { kind: "length", value: "1", from: 0, to: 5 };
  let now = { ...fresh, ...kept<Partial<Asked>>("units", fresh) };
  const change = (following: Partial<Asked>) => {
    keep("units", (now = { ...now, ...following }));
    answer();
  };
  const numbers = new Intl.NumberFormat(currentLanguage(), { maximumSignificantDigits: 7 });
  const result = el("output", { class: "result", id: "result", for: "value from to" });
  const answer = () => {
    const value = now.value.trim() === "" ? NaN : Number(now.value.replace(",", "."));
    const unit = KINDS[now.kind][now.to]?.sign ?? "";
    result.textContent = Number.isFinite(value) ? `${numbers.format(converted(now.kind, value, now.from, now.to))} ${unit}` : "–";
  };
  const choose = (id: "from" | "to") => {
    const options = KINDS[now.kind].map(({ sign }, number) => el("option", { value: number, selected: number === now[id] }, sign));
    const choice = el("select", { id, onchange: () => change({ [id]: Number(choice.value) }) }, ...options);
    return el("label", {}, text(`decoy.converter.${id}`), choice);
  };
  const draw = () => {
    const input = el("input", { id: "value", inputmode: "decimal", autocomplete: "off", maxlength: 12, value: now.value, oninput: () => change({ value: input.value }) });
    const kinds = (Object.keys(KINDS) as Kind[]).map((kind) =>
      el("button", { id: `kind-${kind}`, "aria-pressed": String(kind === now.kind), onclick: () => again({ kind, from: 0, to: 1 }, `kind-${kind}`) }, text(`decoy.converter.${kind}`)),
    );
    const swap = el("button", { class: "round", id: "swap", "aria-label": text("decoy.converter.swap"), onclick: () => again({ from: now.to, to: now.from }, "swap") }, "⇅");
    place.replaceChildren(
      el("div", { class: "chips" }, ...kinds),
      el("label", {}, text("decoy.converter.value"), input),
      el("div", { class: "units" }, choose("from"), swap, choose("to")),
      result,
    );
    answer();
  };
  const again = (following: Partial<Asked>, focus: string) => {
    change(following);
    draw();
    document.getElementById(focus)?.focus();
  };
  draw();
};
