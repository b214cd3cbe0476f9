// What to say when the browser's dialogue for passkeys was closed or failed; allauth's script reports it.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const note = document.getElementById("passkey-failed");
  note.hidden = false;
  note.scrollIntoView({ block: "nearest" });
});

// A button for a passkey is one once allauth's script, which began before, has tied it: a click before that would be lost.
document.addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll("[data-passkey]")) button.disabled = false;
});
