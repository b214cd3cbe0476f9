/**
 * The test on a page of its own, which is held like the decoy. Anyone who leaves it has ended the test: a press elsewhere
 * is never taken for one (safety rule 20).
 */
import { text } from "../locales";
import { el, heading, show } from "./dom";
import { holdable } from "./hold";
import type { Inside } from "./inside";
import { pictogram } from "./pictograms";
import type { Ways } from "./screens";

/** Arms the test and shows what becomes of it: `refreshTest` is to be called with every change. */
export function showTest(app: Inside, ways: Ways): void {
  const page = el(
    "main",
    { class: "phone test-page", id: "test" },
    el("header", {}, heading(text("test.title")), el("button", { class: "quit", id: "quit", onclick: () => ways.decoy() }, text("home.quit"), pictogram("leave"))),
    el(
      "section",
      { class: "panel test" },
      el("p", { class: "line test", id: "test-line", role: "status" }),
      el("p", { class: "count", id: "test-left", role: "timer" }),
      el("p", { class: "muted", id: "test-after" }),
    ),
    el("button", { id: "test-stop", onclick: () => ways.home() }),
  );
  // Held once more it is a press as anywhere else: no hold is ever nothing.
  holdable(page, () => page.isConnected && void app.pressOnScreen(), () => app.holdMs);
  show(page, text(`decoy.${app.chosen.now.decoy}`));
  app.armTest(app.platform.nowMs());
}

/** The same with what is known now; back to her own page once the time is over. */
export function refreshTest(app: Inside, ways: Ways): void {
  const step = app.testStep;
  if (step === "none") {
    ways.home();
    return;
  }
  const left = Math.ceil((app.test.armedUntilMs - app.platform.nowMs()) / 1000);
  say("#test-line", text(`test.${step}`));
  say("#test-left", step === "armed" ? text("test.left", { seconds: left }) : "");
  say("#test-after", text(step === "armed" ? "test.leave" : "test.then"));
  say("#test-stop", text(step === "armed" ? "test.stop" : "settings.back"));
  document.querySelector<HTMLElement>("#test")!.dataset.step = step;
}

/** Only what has changed is touched, so that a screen reader says it once. */
function say(selector: string, words: string): void {
  const at = document.querySelector(selector)!;
  if (at.textContent !== words) at.textContent = words;
}
