// A page that no longer follows its kit says so: what stands there may be old.
const note = document.getElementById("not-following");

function isLive(event) {
  return event.detail.elt?.id === "kit-live";
}

for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.body.addEventListener(name, (event) => {
    if (isLive(event)) note.hidden = false;
  });
}
document.body.addEventListener("htmx:afterRequest", (event) => {
  if (isLive(event) && event.detail.successful) note.hidden = true;
});

// The seconds of an armed test go down between two looks at the server.
let left = { element: null, endsMs: 0 };
setInterval(() => {
  const element = document.getElementById("test-left");
  if (element === null) return;
  if (element !== left.element) left = { element, endsMs: performance.now() + Number(element.textContent) * 1000 };
  element.textContent = String(Math.max(0, Math.ceil((left.endsMs - performance.now()) / 1000)));
}, 250);
