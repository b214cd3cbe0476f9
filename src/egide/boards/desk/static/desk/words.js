// The page's words: the scripts hold no text of their own.
const words = JSON.parse(document.getElementById("words").textContent);

/** The word `name`, with %(x)s replaced from `values`. */
export function say(name, values = {}) {
  return words[name].replace(/%\((\w+)\)s/g, (_, key) => values[key] ?? "");
}

/** Show a short hint, for three seconds or for `ms`. */
export function hint(text, ms = 3000) {
  const box = document.getElementById("hint");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(hint.timer);
  hint.timer = setTimeout(() => (box.hidden = true), ms);
}
