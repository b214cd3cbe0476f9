/** Small pictures beside the words, for people who read badly, or cannot just now (safety rule 33). Drawn here, never instead of words. */

const SVG = "http://www.w3.org/2000/svg";

/** Outlines on a square of 24. */
const DRAWN = {
  test: "M4 13l5 5L20 7",
  settings: "M4 7h9m4 0h3M15 4v6M4 17h3m4 0h9M9 14v6",
  button: "M12 3a9 9 0 100 18 9 9 0 000-18zM12 8a4 4 0 100 8 4 4 0 000-8z",
  leave: "M14 4H5v16h9M10 12h10M16 8l4 4-4 4",
  speak: "M4 9v6h4l5 4V5L8 9zM16 9c1.500 1.500 1.500 4.500 0 6M18.500 6.500c3 3 3 8 0 11",
  place: "M12 21s-6-6-6-11a6 6 0 1112 0c0 5-6 11-6 11zM12 8a2 2 0 100 4 2 2 0 000-4z",
  microphone: "M9 5a3 3 0 016 0v6a3 3 0 01-6 0zM5 11a7 7 0 0014 0M12 18v3",
  code: "M5 11h14v9H5zM8 11V8a4 4 0 018 0v3",
  phone: "M7 3h10v18H7zM11 18h2",
  message: "M4 5h16v11H9l-5 4z",
  stored: "M12 3v11M7 9l5 5 5-5M5 20h14",
  received: "M3 12h4l3 6 4-12 3 6h4",
  acknowledged: "M2 12s4-6 10-6 10 6 10 6-4 6-10 6S2 12 2 12zM12 9a3 3 0 100 6 3 3 0 000-6z",
  "under-way": "M3 12h17M14 6l6 6-6 6",
  "on-site": "M4 21v-9l8-7 8 7v9zM9 21v-6h6v6",
  good: "M12 3a9 9 0 100 18 9 9 0 000-18zM8 12l3 3 5-6",
  warning: "M12 4L2.500 20h19zM12 10v5M12 17.500v.500",
  yes: "M4 13l5 5L20 7",
  no: "M6 6l12 12M18 6L6 18",
  here: "M12 4a3 3 0 100 6 3 3 0 000-6zM6 21v-3a6 6 0 0112 0v3",
  safe: "M12 3l8 3v6c0 5-4 8-8 9-4-1-8-4-8-9V6z",
  weapon: "M4 20l4-4M7 13l4 4M9 15L19 5l1-1-1 5L11 17",
} as const;

export type Pictogram = keyof typeof DRAWN;

export function pictogram(name: Pictogram): SVGElement {
  const picture = document.createElementNS(SVG, "svg");
  for (const [attribute, value] of Object.entries({ viewBox: "0 0 24 24", class: "pictogram", "aria-hidden": "true", "data-shows": name })) {
    picture.setAttribute(attribute, value);
  }
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", DRAWN[name]);
  picture.append(line);
  return picture;
}
