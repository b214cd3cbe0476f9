// Rows that changed. The stream says which, and a moment later brings each, painted; what does not come is fetched, alone.
import * as board from "./board.js";
import { coalesced } from "../boards/fragments.js";

const PATIENCE_MS = 700;
const PAUSE_MS = 100;
const MOST_AT_ONCE = 40;
// The whole list is asked for now and then all the same: what no event tells, like a corrected name, comes with it.
const WHOLE_EVERY_MS = 120_000;
/** What is waited for: by alarm, the seq that its row must reach, and since when. */
const awaited = new Map();
let timer = null;

/** An event of this alarm was heard. */
export function expect(alarm, seq) {
  const { sinceMs = performance.now() } = awaited.get(alarm) ?? {};
  awaited.set(alarm, { seq, sinceMs });
  watch();
}

/** A painted row came by the stream. */
export function come(row) {
  board.showPainted(row);
  settle([row.alarm], row.head);
}

function settle(alarms, head) {
  for (const alarm of alarms) if (awaited.get(alarm)?.seq <= head) awaited.delete(alarm);
}

function watch() {
  if (timer || !awaited.size) return;
  const firstMs = Math.min(...[...awaited.values()].map(({ sinceMs }) => sinceMs));
  timer = setTimeout(fetchOverdue, Math.max(PAUSE_MS, firstMs + PATIENCE_MS - performance.now()));
}

function fetchOverdue() {
  timer = null;
  if (overdue().length) fetchAlone();
  else watch();
}

const overdue = () => [...awaited].filter(([, { sinceMs }]) => performance.now() - sinceMs >= PATIENCE_MS).map(([alarm]) => alarm);

const fetchAlone = coalesced(async () => {
  const alarms = overdue().slice(0, MOST_AT_ONCE);
  if (alarms.length) settle(alarms, await board.fetchRows(alarms));
  watch();
  return null;
});

setInterval(board.refresh, WHOLE_EVERY_MS * (1 + Math.random() / 4));
