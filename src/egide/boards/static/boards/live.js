// The live stream: (seq, kind, stream), and painted rows for a page that wants them. Says when it is lost, and resumes
// behind the last seq.
import { headers } from "./headers.js";

const SILENCE_MS = 12_000;
const RETRY_MS = [500, 1000, 2000, 5000];
const CANARY = "canary:";
const TICKET_EVERY_MS = 4 * 60_000;
const TICKET_URL = document.body.dataset.ticketUrl ?? "/live-ticket";

/**
 * Listen to `url` behind seq `after`. `on.event(seq, kind, stream)` for each event, `on.live()`, `on.lost(sinceMs)`,
 * `on.trouble(found)` with what the system finds wrong with itself, `on.kept({away, alarms})` with what a machine keeps,
 * `on.caughtUp(missed)` after a loss. Where `on.row` is given, each row that changed follows its event, painted.
 */
export class Live {
  constructor(url, after, on) {
    Object.assign(this, { url, on, seq: after, heard: performance.now(), lost: false, missed: 0, tries: 0 });
    this.connect();
    setInterval(() => this.watch(), 1000);
    setInterval(() => this.renewTicket(), TICKET_EVERY_MS);
    // A machine that slept knows nothing until it has asked again.
    document.addEventListener("visibilitychange", () => !document.hidden && this.watch());
    addEventListener("offline", () => this.lose());
    addEventListener("online", () => this.reconnect());
  }

  connect() {
    this.source?.close();
    const rows = this.on.row ? `&rows=${document.documentElement.lang}` : "";
    const source = new EventSource(`${this.url}?after=${this.seq}${rows}`, { withCredentials: true });
    this.source = source;
    source.addEventListener("row", (message) => this.on.row(JSON.parse(message.data)));
    source.addEventListener("ping", (message) => this.ping(Number(message.data)));
    source.addEventListener("kept", (message) => this.kept(JSON.parse(message.data)));
    source.addEventListener("trouble", (message) => this.on.trouble?.(JSON.parse(message.data)));
    source.onmessage = (message) => this.event(JSON.parse(message.data));
    source.onerror = () => source.readyState === EventSource.CLOSED && source === this.source && this.retry();
  }

  retry() {
    const pause = RETRY_MS[Math.min(this.tries++, RETRY_MS.length - 1)];
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.reconnect(), pause);
  }

  async reconnect() {
    await this.renewTicket();
    this.connect();
  }

  async renewTicket() {
    try {
      const reply = await fetch(TICKET_URL, { method: "POST", headers, signal: AbortSignal.timeout(4000) });
      if (reply.status === 401) location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`);
    } catch {
      // No network: the watch says so, and the next try asks again.
    }
  }

  event([seq, kind, stream]) {
    this.alive();
    if (this.lost && !stream.startsWith(CANARY)) this.missed++;
    this.seq = Math.max(this.seq, seq);
    this.on.event(seq, kind, stream);
  }

  /** The journal is away: the line is there, and brings what this machine keeps, but the page is lost all the same. */
  kept(told) {
    if (told.away) {
      this.carried = performance.now();
      this.lose();
    }
    this.on.kept?.(told);
  }

  ping(seq) {
    this.alive();
    this.tries = 0;
    this.seq = Math.max(this.seq, seq);
    if (!this.lost) return this.on.live();
    // What was missed follows the first ping at once; count it before saying how much it was.
    clearTimeout(this.settle);
    this.settle = setTimeout(() => {
      if (performance.now() - this.heard > SILENCE_MS) return;
      this.lost = false;
      this.on.live();
      this.on.caughtUp(this.missed);
      this.missed = 0;
    }, 600);
  }

  alive() {
    this.heard = performance.now();
    this.heardAt = Date.now();
  }

  watch() {
    if (performance.now() - this.heard <= SILENCE_MS) return;
    if (!this.lost) this.lose();
    if (performance.now() - (this.carried ?? -SILENCE_MS) <= SILENCE_MS) return;
    if (performance.now() - (this.retried ?? 0) < RETRY_MS.at(-1)) return;
    this.retried = performance.now();
    this.reconnect();
  }

  lose() {
    if (this.lost) return;
    this.lost = true;
    this.missed = 0;
    this.on.lost(this.heardAt ?? Date.now());
  }
}
