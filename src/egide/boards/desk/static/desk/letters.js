// Whether single letters act (WCAG 2.1.4): alone, only with Alt, or not at all. Kept in this browser.
const STORE = "egide-letters";
const CHOICES = ["alone", "alt", "off"];

/** What was chosen here last. */
const choice = () => {
  const kept = localStorage.getItem(STORE);
  return CHOICES.includes(kept) ? kept : "alone";
};

/** The page's own styles say "Alt+" beside a letter, or leave it out; each control says which key it takes. */
function show() {
  const chosen = (document.body.dataset.letters = choice());
  for (const control of document.querySelectorAll("[aria-keyshortcuts], [data-letter]")) {
    const letter = (control.dataset.letter ??= control.getAttribute("aria-keyshortcuts"));
    if (!/^[a-z?]$/i.test(letter)) continue;
    if (chosen === "off") control.removeAttribute("aria-keyshortcuts");
    else control.setAttribute("aria-keyshortcuts", chosen === "alt" ? `Alt+${letter}` : letter);
  }
}

/** Whether this press of a key may act. Space, Enter and arrows always do. */
export function mayAct({ key, ctrlKey, altKey, metaKey, repeat }) {
  if (ctrlKey || metaKey || repeat) return false;
  const isLetter = key.length === 1 && key !== " ";
  if (!isLetter || choice() === "alone") return !altKey;
  return choice() === "alt" && altKey;
}

/** Make the choice in the list of keys work. */
export function start() {
  const form = document.getElementById("letters");
  form.elements.letters.value = choice();
  form.addEventListener("change", () => {
    localStorage.setItem(STORE, form.elements.letters.value);
    show();
  });
  document.body.addEventListener("htmx:afterSwap", show);
  show();
}
