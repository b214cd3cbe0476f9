// The red strip: an open alarm shows on each page of people whom it concerns, and goes when it is closed.
const EVERY_MS = 10_000;
const PATIENCE_MS = 5000;
const box = document.getElementById("alarm-strip");
const calmTitle = document.title;
let aheadMs = 0;
let asking = false;

/** What the strip says, without its clocks: said again it would be read aloud again. */
const meaning = (root) => [...root.querySelectorAll("b, a")].map((at) => at.href ?? at.textContent).join(" ");

function paint() {
  for (const clock of box.querySelectorAll("[data-since]")) {
    const s = Math.max(0, Math.floor((Date.now() + aheadMs - Number(clock.dataset.since)) / 1000));
    const pad = (n) => String(n).padStart(2, "0");
    const h = Math.floor(s / 3600);
    clock.textContent = h ? `${h}:${pad(Math.floor(s / 60) % 60)}:${pad(s % 60)}` : `${Math.floor(s / 60)}:${pad(s % 60)}`;
  }
}

/** The clocks run by the server's time; the title shows behind other windows that something is open. */
function learn(root) {
  const line = root.querySelector("[data-now]");
  if (line) aheadMs = Number(line.dataset.now) - Date.now();
  document.title = line ? `▲ ${calmTitle}` : calmTitle;
  paint();
}

function show(fresh) {
  if (meaning(fresh) === meaning(box)) return;
  const focused = box.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  box.replaceChildren(...fresh.childNodes);
  if (focused) box.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  learn(box);
}

/** Ask what is open; without an answer what is shown stays. */
async function ask() {
  if (asking) return;
  asking = true;
  try {
    const headers = { "X-Egide-Fragment": "1" };
    const reply = await fetch(box.dataset.url, { headers, cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    const fresh = document.createElement("template");
    // Anyone who is signed out has no right to it any more.
    fresh.innerHTML = reply.ok ? await reply.text() : "";
    if (reply.ok || reply.status === 401) show(fresh.content);
  } catch {
    // No network: asked again in a moment.
  }
  asking = false;
}

learn(box);
setInterval(paint, 1000);
setInterval(ask, EVERY_MS);
document.addEventListener("visibilitychange", () => document.hidden || ask());
