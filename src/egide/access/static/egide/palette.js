// The palette: Ctrl+K finds an alarm, a file, a kit, a page, or something that can be done here; a combobox with a list.
const PAUSE_MS = 150;
const PATIENCE_MS = 6000;
const dialog = document.getElementById("palette");
const field = document.getElementById("palette-text");
const list = document.getElementById("palette-list");
const state = document.getElementById("palette-state");
const signIn = document.getElementById("palette-sign-in");
let commandsNow = () => [];
let asked = 0;

/** Have `commands()` name what can be done on this page now, each as { word, detail, run }. */
export function offer(commands) {
  commandsNow = commands;
}

// As the server compares: without case, accents and superfluous spaces.
const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().split(/\s+/).filter(Boolean).join(" ");
const options = () => [...list.querySelectorAll("[role=option]")];
const current = () => list.querySelector("[aria-selected=true]");

function headers() {
  const { "X-CSRFToken": token } = JSON.parse(document.body.getAttribute("hx-headers"));
  return { "X-CSRFToken": token, "X-Egide-Fragment": "1" };
}

/** What can be done here and fits what is typed, as a group of its own before everything that is found. */
function commandGroup() {
  const wanted = fold(field.value);
  const fitting = commandsNow().filter(({ word, detail = "" }) => fold(`${word} ${detail}`).includes(wanted));
  if (!fitting.length) return [];
  const group = document.createElement("div");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", dialog.dataset.commands);
  const title = document.createElement("p");
  title.className = "palette-word";
  title.setAttribute("aria-hidden", "true");
  title.textContent = dialog.dataset.commands;
  group.append(title, ...fitting.map(commandOption));
  return [group];
}

function commandOption({ word, detail, run }) {
  const option = document.createElement("div");
  option.setAttribute("role", "option");
  const title = document.createElement("b");
  title.textContent = word;
  const beside = document.createElement("span");
  beside.className = "muted";
  beside.textContent = detail ?? "";
  option.append(title, beside);
  option.run = run;
  return option;
}

async function fetchFound(text) {
  const { find, failed } = dialog.dataset;
  const options = { method: "POST", headers: headers(), body: new URLSearchParams({ text }), signal: AbortSignal.timeout(PATIENCE_MS) };
  try {
    const reply = await fetch(find, options);
    if (!reply.ok) return { said: reply.status === 401 ? signIn.content.cloneNode(true) : failed, groups: [] };
    const template = document.createElement("template");
    template.innerHTML = await reply.text();
    return { said: "", groups: [...template.content.children] };
  } catch {
    return { said: failed, groups: [] };
  }
}

/** Show what fits what is typed now: what can be done here at once, the rest when it comes. Nothing older stays. */
async function search() {
  const mine = ++asked;
  show(commandGroup(), "");
  await new Promise((done) => setTimeout(done, PAUSE_MS));
  if (mine !== asked) return;
  const { said, groups } = await fetchFound(field.value);
  if (mine !== asked || !dialog.open) return;
  const all = [...list.children, ...groups];
  show(all, said || (all.length ? "" : dialog.dataset.none));
}

function show(groups, said) {
  const chosen = current();
  list.replaceChildren(...groups);
  const all = options();
  all.forEach((option, at) => (option.id = `palette-${at}`));
  field.setAttribute("aria-expanded", String(all.length > 0));
  state.replaceChildren(said);
  select(all.includes(chosen) ? chosen : all[0]);
}

function select(option) {
  for (const one of options()) one.setAttribute("aria-selected", String(one === option));
  if (option) field.setAttribute("aria-activedescendant", option.id);
  else field.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const all = options();
  if (all.length) select(all[(all.indexOf(current()) + by + all.length) % all.length]);
}

function choose(option) {
  if (!option) return;
  dialog.close();
  if (option.run) option.run();
  else location.assign(option.dataset.url);
}

/** Not over another dialog: what somebody writes or is asked there comes first. */
function open() {
  if (dialog.open || document.querySelector("dialog[open]")) return;
  field.value = "";
  list.replaceChildren();
  dialog.showModal();
  search();
}

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

function onKey(event) {
  if (event.key in STEPS) step(STEPS[event.key]);
  // A key that is held chooses nothing, and Enter ends a word that is being composed before it chooses anything.
  else if (event.key === "Enter" && !event.isComposing) event.repeat || choose(current());
  else return;
  event.preventDefault();
  event.stopPropagation();
}

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  event.preventDefault();
  if (!event.repeat) open();
});
document.getElementById("palette-open").addEventListener("click", open);
field.addEventListener("keydown", onKey);
field.addEventListener("input", search);
list.addEventListener("click", ({ target }) => choose(target.closest("[role=option]")));
