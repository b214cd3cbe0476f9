// What can be done in the open alarms of this page, for the palette: it leads to the button, which a hand then presses.
const SAYS = "form button:not(:disabled), summary, a.btn";

const cards = () => [...document.querySelectorAll("#zone-alarms .zone-card")];
const wordOf = (element) => element.textContent.trim().replace(/\s+/g, " ");
const actsOf = (card) => [...card.querySelectorAll(SAYS)].filter((act) => act.checkVisibility());

/** Where it is typed what goes with it, else the button itself; what is folded is opened. */
function lead(act) {
  const details = act.matches("summary") ? act.parentElement : null;
  if (details) details.open = true;
  const field = (details ?? act.form)?.querySelector("input:not([type=hidden]), select, textarea");
  (field ?? act).focus();
}

/** Each as { word, detail, run }; `detail` is whose alarm it is. A card may be another one by the time it is chosen. */
export function commands() {
  return cards().flatMap((card) =>
    actsOf(card).map((act) => {
      const word = wordOf(act);
      const run = () => {
        const found = actsOf(document.getElementById(card.id) ?? document.createElement("i")).find((one) => wordOf(one) === word);
        if (found) lead(found);
      };
      return { word, detail: wordOf(card.querySelector("h2")), run };
    }),
  );
}
