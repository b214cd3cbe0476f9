/** What becomes of a page that is closed or cleared, said to her, and her choice to let a push service vouch for it. */
import { text } from "../locales";
import { el, tick } from "./dom";
import type { Inside } from "./inside";

/** When the zone is notified of a page that is lost, as it holds now; nothing where no page works alone. */
export function whenLost(app: Inside): HTMLElement | null {
  const { reach } = app;
  if (reach === null) return null;
  const line = el("p", { class: "muted", id: "when-lost" });
  void reach.isOn().then((isOn) => {
    line.textContent = isOn ? text("lost.vouched") : text("lost.silent", { minutes: app.roads.silentMinutes });
  });
  return line;
}

/** Her choice in the settings; nothing to choose where the browser cannot do it. */
export function lostChoice(app: Inside): HTMLElement[] {
  const { reach } = app;
  if (reach === null) return [];
  const fault = el("p", { class: "line alarm", role: "alert", id: "lost-fault" });
  const choose = async (isWanted: boolean) => {
    fault.textContent = "";
    if (!isWanted) await reach.turnOff();
    else if (!(await reach.turnOn())) {
      fault.textContent = text("lost.push.refused");
      input.checked = false;
    }
    const now = whenLost(app)!;
    line.replaceWith(now);
    line = now;
  };
  let line = whenLost(app)!;
  const box = tick(text("lost.push"), false, (isWanted) => void choose(isWanted));
  const input = box.querySelector("input")!;
  input.id = "lost-push";
  void reach.isOn().then((isOn) => {
    input.checked = isOn;
    box.hidden = why.hidden = !isOn && !reach.isPossible;
  });
  const why = el("p", { class: "muted" }, text("lost.push.why"));
  return [line, box, why, fault];
}
