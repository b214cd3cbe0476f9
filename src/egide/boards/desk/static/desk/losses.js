// What this operator lost while away: said until it was read.
import { play } from "../boards/sound.js";

const strip = document.getElementById("given-up");
const lines = document.getElementById("given-up-lines");

/** Say that an alarm is no longer this operator's. */
export function tellLoss(text) {
  const line = document.createElement("li");
  line.textContent = text;
  lines.append(line);
  strip.hidden = false;
  play("still", 0.7);
}

document.getElementById("given-up-close").addEventListener("click", () => {
  lines.replaceChildren();
  strip.hidden = true;
});
