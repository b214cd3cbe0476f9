// The zone's bell: rings while somebody of the zone has to act, and plays once what else is new (safety rule 43).
import { tellWaiting } from "../boards/hearing.js";
import { play, ring } from "../boards/sound.js";

const FIGURES = ["help", "duress", "alarm"];
const calmTitle = document.title;
// The cards that were shown, and how often was pressed: nothing of that is news.
let known = null;

/** Whether a card says more than before to people who need not act: a new alarm, or pressed again. */
function isNews(card) {
  return known !== null && Number(card.dataset.presses) > (known.get(card.id) ?? 0);
}

/** Ring, or fall silent, by what the cards below `list` say now. */
export function heed(list) {
  const cards = [...list.querySelectorAll("[data-presses]")];
  const waiting = cards.filter(({ dataset }) => dataset.bell);
  const figure = FIGURES.find((one) => waiting.some(({ dataset }) => dataset.bell === one)) ?? null;
  ring(figure, waiting.some(({ dataset }) => dataset.late));
  if (!figure && cards.some((card) => isNews(card) && !card.matches(".neighbouring"))) play("alarm");
  known = new Map(cards.map((card) => [card.id, Number(card.dataset.presses)]));
  document.title = waiting.length ? `▲ (${waiting.length}) ${calmTitle}` : calmTitle;
  tellWaiting(waiting.length);
}
