// What is pressed stays as it is until its click has come: what goes between down and up takes the click with it. (A touch
// is a click where the finger leaves.)
let pressed = null;
const waiting = new Set();
// News wait for a click, not for a hand that rests on the button.
const CLICK_MS = 1000;

/** Whether `element`, or something in it, is pressed. */
export const isPressed = (element) => element.contains(pressed);

/** Call `run()` once nothing is pressed any more, after the click. */
export const afterPress = (run) => waiting.add(run);

/** Resolves at once while nothing is pressed, else after the click: what changes elsewhere may move what is pressed. */
export const untilClicked = () => pressed && new Promise((done) => (afterPress(done), setTimeout(done, CLICK_MS)));

function end() {
  pressed = null;
  const runs = [...waiting];
  waiting.clear();
  for (const run of runs) run();
}

// After another button's menu a page may never hear that it came up.
document.addEventListener("pointerdown", ({ target, button }) => (pressed = button === 0 ? target : null), { capture: true });
// The click comes right after the release; a page that is left hears of none.
for (const kind of ["pointerup", "pointercancel", "blur"]) addEventListener(kind, () => setTimeout(end, 0));
