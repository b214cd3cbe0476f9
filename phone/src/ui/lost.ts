/** What becomes of a page that is closed or cleared, said to her, and her choice to let a push service vouch for it. */
import { Reach } from "../engine/reach";
import { text } from "../locales";
import type { App } from "./app";
import { el, tick } from "./dom";

export function reachOf(app: App): Reach {
  return new Reach(app.roads.push, {
    recall: () => app.store.recall<{ endpoint: string }>("push"),
    remember: (told) => app.store.remember("push", told),
    note: async (word) => app.engine?.note(word),
  });
}

/** When the zone is notified of a page that is lost, as it holds now. */
export function whenLost(app: App, reach: Reach = reachOf(app)): HTMLElement {
  const line = el("p", { class: "muted", id: "when-lost" });
  void reach.isOn().then((isOn) => {
    line.textContent = isOn ? text("lost.vouched") : text("lost.silent", { minutes: app.roads.silentMinutes });
  });
  return line;
}

/** Her choice in the settings; nothing to choose where the browser cannot do it. */
export function lostChoice(app: App): HTMLElement[] {
  const reach = reachOf(app);
  const fault = el("p", { class: "line alarm", role: "alert", id: "lost-fault" });
  const choose = async (isWanted: boolean) => {
    fault.textContent = "";
    if (!isWanted) await reach.turnOff();
    else if (!(await reach.turnOn())) {
      fault.textContent = text("lost.push.refused");
      input.checked = false;
    }
    const now = whenLost(app, reach);
    line.replaceWith(now);
    line = now;
  };
  let line = whenLost(app, reach);
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
