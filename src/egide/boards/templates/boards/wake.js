// Woken by a message that says nothing: tells the holder of the device to look at the page, and the page to look itself.
const TITLE = "{{ title|escapejs }}";
const TEXT = "{{ text|escapejs }}";

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("push", (event) => {
  // The same wake-up, sent again, takes the place of the first one without a further sound.
  const tag = event.data?.text() ?? "";
  event.waitUntil(wake(tag));
});

async function wake(tag) {
  for (const page of await pages()) page.postMessage("wake");
  await registration.showNotification(TITLE, { body: TEXT, tag, requireInteraction: true });
}

async function pages() {
  const open = await clients.matchAll({ type: "window", includeUncontrolled: true });
  return open.filter(({ url }) => url.startsWith(registration.scope));
}

addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show());
});

async function show() {
  const [page] = await pages();
  return page ? page.focus() : clients.openWindow(registration.scope);
}
