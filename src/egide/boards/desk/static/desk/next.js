// The next action of the chosen alarm, at the foot of its file as long as its own button is out of sight.
import { actNext } from "./panel.js";

const bar = document.getElementById("next-bar");
const act = document.getElementById("next-bar-act");
const sight = new IntersectionObserver((seen) => (bar.hidden = seen.at(-1).intersectionRatio >= 0.9), { threshold: [0, 0.9] });

/** Follow the button that stands there now; it is another one after each update. */
function follow() {
  const next = document.querySelector("#alarm [data-next]");
  sight.disconnect();
  if (!next) return (bar.hidden = true);
  act.className = next.classList.contains("primary") ? "primary" : "";
  act.replaceChildren(...next.cloneNode(true).childNodes);
  sight.observe(next);
}

/** Make the bar work: it does what the key does, after the same second. */
export function start() {
  act.addEventListener("click", actNext);
  document.body.addEventListener("htmx:afterSettle", follow);
}
