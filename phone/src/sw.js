// Keeps the app on the phone, so that it opens without a network. It never answers for a server.
const FILES = __FILES__;
const NAME = `app-${FILES.join().length}-${FILES.filter((name) => name.startsWith("assets/")).join()}`;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const clean = caches.keys().then((names) => Promise.all(names.filter((name) => name !== NAME).map((name) => caches.delete(name))));
  event.waitUntil(clean.then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  const wanted = event.request.mode === "navigate" ? "./" : event.request;
  if (event.request.mode === "navigate") event.waitUntil(renew().catch(() => undefined));
  event.respondWith(caches.match(wanted, { cacheName: NAME, ignoreSearch: true }).then((kept) => kept ?? fetch(event.request)));
});

// The first page names the servers and the number for text messages, which may change without a new version of the app.
// It is renewed only by one that needs nothing but what is kept: the app must open without a network afterwards too.
// A network that never answers may not hold this worker, for a new version waits until it has nothing to do.
const RENEW_TIMEOUT_MS = 10_000;

async function renew() {
  const fresh = await fetch("./", { cache: "no-store", redirect: "error", signal: AbortSignal.timeout(RENEW_TIMEOUT_MS) });
  const needed = (await fresh.clone().text()).match(/assets\/[\w.-]+/g) ?? [];
  if (!fresh.ok || needed.length === 0 || !needed.every((name) => FILES.includes(name))) return;
  await (await caches.open(NAME)).put("./", fresh);
}
