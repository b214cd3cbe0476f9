// What is read aloud at once. Two things that happen in the same moment are both read: one does not wipe out the other.
const KEPT_MS = 5000;
const box = document.getElementById("announcer");

/** Have `text` read aloud. */
export function announce(text) {
  const now = performance.now();
  for (const line of [...box.children]) if (now - Number(line.dataset.at) > KEPT_MS) line.remove();
  const line = document.createElement("p");
  line.dataset.at = now;
  line.textContent = text;
  box.append(line);
}
