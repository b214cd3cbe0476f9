// The team's page: brought up to date every few seconds, honest about how old it is, and never in the way of a tap.
// Before this has come, its forms work by themselves; from here on taps are kept and sent, whatever the network does.
import { eachSecond, paintClocks, running, setServerTime } from "../boards/clock.js";
import { headers } from "../boards/headers.js";
import { Live } from "../boards/live.js";
import { afterPress, isPressed, untilClicked } from "../boards/pressing.js";
import { has, keep, last, words } from "./taps.js";

const POLL_MS = 5000;
const STALE_MS = 12_000;
const PATIENCE_MS = 6000;
const LOCATE_MS = 20_000;
const MAP_AGAIN_MS = 30_000;
const OFFICER = document.body.dataset.base.startsWith("/zone/");
const $ = (id) => document.getElementById(id);
const parts = new Map([...document.querySelectorAll("[data-part]")].map((part) => [part.id, part.innerHTML]));

let heard = performance.now();
// What was tapped later than this the page does not show yet.
let asked = Date.now();
let busy = false;
let again = false;
let ended = false;
let leaving = false;
let fileKey = $("team-state").dataset.fileKey;

// --- what the page shows ---

/** Fetch parts and put in those that changed: a part that says the same is not read aloud again. */
async function fetchParts(what) {
  const reply = await fetch(document.body.dataset.base + what, { headers, cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
  if ([401, 404, 410].includes(reply.status)) return end();
  if (!reply.ok) throw new Error(String(reply.status));
  const template = document.createElement("template");
  template.innerHTML = await reply.text();
  await untilClicked();
  for (const fresh of template.content.querySelectorAll("[data-part]")) put(fresh);
}

function put(fresh) {
  const shown = $(fresh.id);
  for (const { name, value } of fresh.attributes) shown.setAttribute(name, value);
  if (parts.get(fresh.id) === fresh.innerHTML) return;
  if (isPressed(shown)) return void afterPress(refresh);
  parts.set(fresh.id, fresh.innerHTML);
  const focused = shown.contains(document.activeElement) ? document.activeElement.id : "";
  shown.replaceChildren(...fresh.childNodes);
  if (focused) $(focused)?.focus();
}

async function refresh() {
  again = true;
  if (busy || ended) return;
  busy = true;
  try {
    while (again && !ended) {
      again = false;
      const since = Date.now();
      await fetchParts("now");
      asked = since;
      const key = $("team-state").dataset.fileKey;
      if (key !== fileKey && !ended) {
        await fetchParts("file");
        fileKey = key;
      }
      heard = performance.now();
      learn();
    }
  } catch {
    // The strip says how old everything is; the next round tries again.
  } finally {
    busy = false;
  }
}

function learn() {
  setServerTime(Number($("team-state").dataset.now));
  drawMap();
  paintClocks();
  arrange();
  age();
}

/** The link has ended, or the session. What somebody is typing stays before them. */
function end() {
  if (ended) return;
  ended = true;
  if (!$("report-text")?.value.trim() || last("report")?.state === "sent") return leave();
  age();
}

function leave() {
  if (leaving) return;
  leaving = ended = true;
  if (OFFICER) location.assign("/zone/");
  else location.reload();
}

// --- what comes last: waking this phone, and the map ---

let draw;

function drawMap() {
  draw?.(JSON.parse($("team-state").dataset.map));
}

async function loadMap() {
  try {
    const { loadLeaflet } = await import("../egide/streets.js");
    await loadLeaflet($("map"));
    ({ draw } = await import("./team_map.js"));
    drawMap();
  } catch {
    // Without the map everything else works.
    setTimeout(loadMap, MAP_AGAIN_MS);
  }
}

async function loadRest() {
  await import("../boards/waking.js").then(({ onWake }) => onWake(refresh), () => {});
  await import("./here.js").catch(() => {});
  await loadMap();
}

function age() {
  const oldMs = performance.now() - heard;
  const isOld = ended || oldMs > STALE_MS;
  $("stale").hidden = !isOld;
  document.body.classList.toggle("is-stale", isOld);
  const word = ended ? words.gone : words.old;
  if (isOld && $("stale-word").textContent !== word) $("stale-word").textContent = word;
  $("stale-age").textContent = isOld && !ended ? running(oldMs) : "";
}

// --- what the team taps ---

/** What comes next is the largest: the steps that are still to be reported, in their order, then the report. */
function arrange() {
  if (!$("team-actions")) return;
  const offered = $("team-state").dataset.offered.split(" ");
  const way = [...document.querySelectorAll("#action-row [data-tap]")];
  const reached = way.findLastIndex(({ dataset }) => has(dataset.tap, asked));
  way.forEach((button, number) => (button.hidden = number <= reached || !offered.includes(button.dataset.tap)));
  const next = way.find((button) => !button.hidden);
  for (const button of way) button.classList.toggle("go", button === next);
  $("to-report").hidden = !way.at(-1).hidden;
  for (const says of document.querySelectorAll("[data-says]")) says.hidden = !offered.includes(says.dataset.says);
  // The banner at the top may be out of sight; it has been read aloud there.
  $("help-now").hidden = !$("help-answer");
  $("help-now").textContent = $("help-answer")?.textContent ?? "";
}

function report(event) {
  event.preventDefault();
  const form = new FormData($("report-form"));
  $("report-error").hidden = true;
  $("report-send").disabled = true;
  keep("report", { outcome: form.get("outcome"), text: form.get("text") });
}

/** A form of the table: what it asks goes with the tap. */
function say(event) {
  const form = event.target.closest("[data-tap-form]");
  if (!form) return;
  event.preventDefault();
  const { csrfmiddlewaretoken, id, plain, ...fields } = Object.fromEntries(new FormData(form));
  keep(form.dataset.tapForm, { fields });
  form.reset();
  form.closest("details").open = false;
}

function afterReport() {
  const sent = last("report");
  if (!sent || !$("report-form")) return;
  $("report-send").disabled = sent.state === "kept";
  if (sent.state === "sent") leave();
  $("report-error").hidden = sent.state !== "refused";
  $("report-error").textContent = sent.state === "refused" ? sent.said : "";
}

// --- need help: two taps in two places, and the position as soon as the phone has it ---

let position;

function locate() {
  position = undefined;
  navigator.geolocation?.getCurrentPosition(
    ({ coords }) => {
      position = { lat_e7: Math.round(coords.latitude * 1e7), lon_e7: Math.round(coords.longitude * 1e7), accuracy_m: Math.round(coords.accuracy) };
      document.dispatchEvent(new CustomEvent("located"));
    },
    () => {},
    { enableHighAccuracy: true, timeout: LOCATE_MS, maximumAge: 30_000 },
  );
}

function askHelp() {
  locate();
  $("help-ask").open = true;
  $("help-yes").focus();
}

function closeHelp() {
  $("help-ask").open = false;
}

function callHelp() {
  closeHelp();
  keep("help", position ?? {});
  // Nobody waits for satellites: the position follows.
  if (!position) document.addEventListener("located", () => keep("help", { ...position, located: true }), { once: true });
}

// --- copying, and the start ---

async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    $("copy-word").textContent = words.copied;
  } catch {
    getSelection().selectAllChildren(button.firstElementChild);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button, #to-report, #help");
  if (!button) return;
  if (["to-report", "help"].includes(button.id)) event.preventDefault();
  // By its place: a form's own `id` is hidden by its field of that name.
  if (button.closest("#action-row")) event.preventDefault();
  if (button.dataset.tap) keep(button.dataset.tap);
  else if (button.dataset.undo) keep("undo", { fields: { version: button.dataset.undo } });
  else if (button.id === "copy") copy(button);
  else if (button.id === "to-report") $("report").scrollIntoView();
  else if (button.id === "help") askHelp();
  else if (button.id === "help-yes") callHelp();
  else if (button.id === "help-not") closeHelp();
});
// What was just laid open may not take the focus yet.
$("help-ask")?.addEventListener("toggle", () => $("help-ask").open && $("help-yes").focus());
$("report-form")?.addEventListener("submit", report);
document.addEventListener("submit", say);
document.addEventListener("taps", () => {
  arrange();
  afterReport();
  refresh();
});
// A page that the browser kept in memory may have ended meanwhile.
addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
document.addEventListener("visibilitychange", () => document.hidden || refresh());
eachSecond(() => (paintClocks(), age()));
setInterval(() => document.hidden || refresh(), POLL_MS);
if ($("help-not")) $("help-not").hidden = false;
learn();
afterReport();
document.body.dataset.ready = "yes";
if (document.readyState === "complete") loadRest();
else addEventListener("load", loadRest, { once: true });
new Live(document.body.dataset.live, Number(document.body.dataset.head), {
  // Where teams are does not stand on this page.
  event: (_seq, kind, stream) => stream.startsWith("alarm:") && kind !== "TeamPositioned" && refresh(),
  live() {},
  lost() {},
  caughtUp: () => refresh(),
});
