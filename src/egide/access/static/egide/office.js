// Pages of the offices: a form is sent only while the session lives, so that nothing that was typed is lost.
const READY = "ready";

/** Whether this browser is still signed in, and the token that its forms need now; null without network. */
async function session() {
  try {
    const reply = await fetch("/session", { headers: { "X-Egide-Fragment": "1" }, signal: AbortSignal.timeout(5000) });
    if (reply.status === 401) return { signedIn: false };
    return reply.ok ? { signedIn: true, token: (await reply.json()).token } : null;
  } catch {
    return null;
  }
}

function renewTokens(token) {
  for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = token;
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
}

function sayEnded(form) {
  const note = document.getElementById("session-ended");
  form.prepend(note);
  note.hidden = false;
  note.focus();
}

// Sent from a part of the page, by a fault's link for instance, a form would come back to that part: the browser would
// put the focus there, and take no notice of the summary of what is wrong.
document.addEventListener("submit", () => {
  if (location.hash) history.replaceState(history.state, "", location.pathname + location.search);
}, true);

document.getElementById("print")?.addEventListener("click", () => window.print());

// A form that is worth keeping: data-keep says so, because a sign-out or a language needs no care.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.hasAttribute("data-keep") || form.dataset.state === READY) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const found = await session();
  if (found && !found.signedIn) return sayEnded(form);
  if (found) renewTokens(found.token);
  const note = document.getElementById("session-ended");
  if (note) note.hidden = true;
  form.dataset.state = READY;
  form.requestSubmit(event.submitter ?? undefined);
  delete form.dataset.state;
}, true);
