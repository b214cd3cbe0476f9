// What to say when the browser's dialogue for passkeys was closed or failed; allauth's script reports it.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const note = document.getElementById("passkey-failed");
  note.hidden = false;
  note.scrollIntoView({ block: "nearest" });
});
