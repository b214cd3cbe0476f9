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
