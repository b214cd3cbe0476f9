// Listening in: the pieces of sound are fetched as they arrive, and played without a gap (Media Source Extensions).
const TYPE = 'audio/webm; codecs="opus"';
const PAUSE_MS = 700;
// The listener hears the present: behind this much delay the player jumps to the end.
const LAG_S = 3;

let heard = null;

/** One player for one alarm; a new recording of the phone begins a new source. */
class Player {
  constructor(alarm) {
    this.alarm = alarm;
    this.audio = new Audio();
    this.recording = -1;
    this.after = 0;
    this.source = null;
    this.isStopped = false;
  }

  stop() {
    this.isStopped = true;
    this.audio.pause();
    this.audio.removeAttribute("src");
  }

  async run() {
    await this.begin(this.latest());
    while (!this.isStopped) {
      const newest = this.latest();
      if (newest !== this.recording) await this.begin(newest);
      const isNew = await this.fetchMore();
      if (!isNew) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  latest() {
    return Number(document.getElementById("listening")?.dataset.recordings ?? 1) - 1;
  }

  async begin(recording) {
    this.recording = recording;
    this.after = 0;
    const media = new MediaSource();
    this.audio.src = URL.createObjectURL(media);
    await new Promise((resolve) => media.addEventListener("sourceopen", resolve, { once: true }));
    URL.revokeObjectURL(this.audio.src);
    this.source = media.addSourceBuffer(TYPE);
    this.source.mode = "sequence";
    this.audio.play().catch(() => undefined);
  }

  async fetchMore() {
    const url = `/desk/alarms/${this.alarm}/sound/${this.recording}/${this.after}`;
    const response = await fetch(url, { headers: { "X-Egide-Fragment": "1" } }).catch(() => null);
    if (!response?.ok) return false;
    const content = await response.arrayBuffer();
    const next = Number(response.headers.get("X-Egide-Next"));
    if (next === this.after || this.isStopped) return false;
    this.after = next;
    this.source.appendBuffer(content);
    await new Promise((resolve) => this.source.addEventListener("updateend", resolve, { once: true }));
    this.catchUp();
    return true;
  }

  catchUp() {
    const { buffered } = this.source;
    if (buffered.length === 0) return;
    const end = buffered.end(buffered.length - 1);
    if (end - this.audio.currentTime > LAG_S) this.audio.currentTime = end - 1;
    document.getElementById("listening")?.setAttribute("data-heard-s", end.toFixed(1));
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("#act-listen");
  if (!button) return;
  const { alarm } = document.getElementById("listening").dataset;
  const was = heard?.alarm;
  heard?.stop();
  heard = was === alarm ? null : new Player(alarm);
  heard?.run();
  show();
});

/** The button says what it does, also after the panel was fetched again; another alarm is not listened to. */
export function show() {
  const button = document.getElementById("act-listen");
  const alarm = document.getElementById("listening")?.dataset.alarm;
  if (heard && heard.alarm !== (alarm ?? heard.alarm)) {
    heard.stop();
    heard = null;
  }
  if (!button) return;
  button.dataset.wordsStart ??= button.textContent;
  button.setAttribute("aria-pressed", String(Boolean(heard)));
  button.textContent = heard ? button.dataset.wordsStop : button.dataset.wordsStart;
}
document.addEventListener("htmx:afterSettle", show);
