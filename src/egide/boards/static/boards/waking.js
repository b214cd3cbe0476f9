// The button "wake this device": asks the browser, tells the server, and says honestly which of both did not work.
import { headers } from "./headers.js";

const box = document.getElementById("waking");
const PATIENCE_MS = 6000;
const $ = (id) => document.getElementById(id);

/** Whether this page can be woken at all. */
const isPossible = () => "serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis;

function show(word, isOn) {
  box.hidden = false;
  $("waking-state").textContent = box.dataset[word];
  $("wake-on").hidden = isOn || word === "failed";
  $("wake-off").hidden = !isOn;
}

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));

async function tell(path, values = {}) {
  const options = { method: "POST", headers, body: new URLSearchParams(values), signal: AbortSignal.timeout(PATIENCE_MS), keepalive: true };
  const reply = await fetch(box.dataset.post + path, options);
  if (!reply.ok) throw new Error(String(reply.status));
}

const registered = () => navigator.serviceWorker.getRegistration(box.dataset.scope);

async function turnOn() {
  if ((await Notification.requestPermission()) !== "granted") return show("denied", false);
  let subscription;
  try {
    const worker = await navigator.serviceWorker.register(box.dataset.script, { scope: box.dataset.scope });
    await active(worker);
    subscription = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(box.dataset.key) });
    await keep(subscription);
    show("ready", true);
  } catch {
    await subscription?.unsubscribe();
    show("failed", false);
  }
}

/** A worker that is still being installed cannot be subscribed. */
async function active(registration) {
  const worker = registration.installing ?? registration.waiting;
  if (registration.active || !worker) return;
  await new Promise((done) => worker.addEventListener("statechange", () => worker.state === "activated" && done()));
}

function keep(subscription) {
  const { endpoint, keys } = subscription.toJSON();
  return tell("wake", { endpoint, p256dh: keys.p256dh, auth: keys.auth });
}

/** The browser forgets first: then nothing can wake it, whether the server hears of it or not. */
async function turnOff() {
  const registration = await registered();
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
  await registration?.unregister();
  show("off", false);
  try {
    await tell("wake/off");
  } catch {
    // An address that nobody answers for any more is forgotten at the first try.
  }
}

async function start() {
  const registration = await registered();
  const subscription = await registration?.pushManager.getSubscription();
  if (!subscription) return show("off", false);
  try {
    // Told again at each start: a new session, or a server that forgot, learns of it.
    await keep(subscription);
    show("ready", true);
  } catch {
    show("off", false);
  }
}

/** Called when a wake-up came while the page is open. */
export function onWake(run) {
  if (isPossible()) navigator.serviceWorker.addEventListener("message", ({ data }) => data === "wake" && run());
}

if (box && isPossible()) {
  start().catch(() => show("failed", false));
  $("wake-on").addEventListener("click", turnOn);
  $("wake-off").addEventListener("click", turnOff);
  // Signing out ends it on this device too, unless it lasts; the server forgets the session's devices by itself.
  const out = "lasts" in box.dataset ? null : document.getElementById("sign-out")?.form;
  out?.addEventListener("submit", async (event) => {
    if (out.dataset.quiet || $("wake-off").hidden) return;
    event.preventDefault();
    out.dataset.quiet = "yes";
    await Promise.race([turnOff().catch(() => {}), new Promise((done) => setTimeout(done, 2000))]);
    out.submit();
  });
} else if (box) {
  show("failed", false);
}
