// Tone and volume of the bell, chosen at the start of a shift and kept in this browser: the loudspeaker is the machine's.
const STORE = "egide-bell";
// How many times as high as written; a room with several boards hears whose bell it is.
const TONES = { high: 1.4, middle: 1, low: 0.65 };
// The least volume still rings (safety rule 4): nobody can choose silence.
const LEAST = 40;
const MOST = 100;
const FIRST = { tone: "middle", volume: 70 };

/** What was chosen here last; a choice that cannot be read is the first one, and no volume is below the least. */
function chosen() {
  let kept = {};
  try {
    kept = JSON.parse(localStorage.getItem(STORE)) ?? {};
  } catch {
    // Somebody wrote something else there.
  }
  const volume = Number.isFinite(kept.volume) ? Math.min(MOST, Math.max(LEAST, kept.volume)) : FIRST.volume;
  return { tone: Object.hasOwn(TONES, kept.tone) ? kept.tone : FIRST.tone, volume };
}

/** How high the bell is played: a factor. */
export const pitch = () => TONES[chosen().tone];

/** How loud the bell is played, as a part of its full loudness. */
export const volume = () => chosen().volume / MOST;

/** Make the fields of the page work; `onChange` is called after each choice. */
export function start(onChange) {
  const form = document.getElementById("bell-choice");
  const show = () => {
    const { tone, volume } = chosen();
    form.elements.tone.value = tone;
    form.elements.volume.value = volume;
    document.getElementById("bell-volume-word").textContent = `${volume} %`;
  };
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", () => {
    const { tone, volume } = form.elements;
    localStorage.setItem(STORE, JSON.stringify({ tone: tone.value, volume: Number(volume.value) }));
    show();
    onChange();
  });
  show();
}
