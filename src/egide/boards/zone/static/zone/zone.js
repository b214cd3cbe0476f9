// The zone's page: brought up to date by the live stream, card by card, never under a hand that types.
import * as canary from "../boards/canary.js";
import { eachSecond, paintClocks, setServerTime } from "../boards/clock.js";
import { atMostOnceASecond, coalesced, fetchFragment, isMove } from "../boards/fragments.js";
import { headers } from "../boards/headers.js";
import { start as startHearing } from "../boards/hearing.js";
import { Live } from "../boards/live.js";
import { onWake } from "../boards/waking.js";
import { afterPress, isPressed, untilClicked } from "../boards/pressing.js";
import "../boards/patrols.js";
import { heed } from "./ringing.js";
import { offer } from "../egide/palette.js";
import { commands } from "./commands.js";

const lost = document.getElementById("lost");
const dialog = document.getElementById("link-dialog");
const list = () => document.getElementById("zone-alarms");
let isWaiting = false;

/** Whether somebody presses on this card, writes into a field of it, looks into what they opened, or has not sent it. */
const isHeld = (card) =>
  isPressed(card) ||
  card.contains(document.activeElement?.closest?.("input, select, textarea, details") ?? null) ||
  [...card.querySelectorAll("input:not([type=hidden]), textarea")].some((field) => field.value !== field.defaultValue);

const refresh = coalesced(async () => {
  const fresh = (await fetchFragment(list().dataset.url)).getElementById("zone-alarms");
  await untilClicked();
  const focused = document.activeElement?.closest?.("#zone-alarms form")?.getAttribute("action");
  const link = document.activeElement?.closest?.("#zone-alarms a")?.getAttribute("href");
  merge(fresh);
  learn();
  // A button or a link is no writing: its card is replaced, and the focus stays on it.
  if (focused && !list().contains(document.activeElement)) list().querySelector(`form[action="${focused}"] button`)?.focus();
  if (link && !list().contains(document.activeElement)) list().querySelector(`a[href="${link}"]`)?.focus();
  return Number(fresh.dataset.head);
});

const soon = atMostOnceASecond(refresh);

/** What somebody has opened in a card stays open in the one that takes its place. */
function keepOpen(fresh, shown) {
  for (const one of fresh.querySelectorAll("details[id]")) one.open ||= shown.querySelector(`#${CSS.escape(one.id)}`)?.open ?? false;
}

/** Put the new cards in, in their order; one under somebody's hand is not touched, and is brought up to date later. */
function merge(fresh) {
  const shown = list();
  keepOpen(fresh, shown);
  const held = [...shown.children].filter((card) => card.id && isHeld(card));
  isWaiting = held.length > 0;
  if (held.some(isPressed)) afterPress(refresh);
  for (const card of [...shown.children]) if (!held.includes(card)) card.remove();
  let before = shown.firstElementChild;
  for (const card of [...fresh.children]) {
    const kept = held.find(({ id }) => id === card.id);
    if (kept) before = kept.nextElementSibling;
    else shown.insertBefore(card, before);
  }
  Object.assign(shown.dataset, fresh.dataset);
}

function learn() {
  // Without this script a link would open as a bare page, with no way back.
  for (const button of list().querySelectorAll("form:is([data-link], [data-call-back]) button")) button.disabled = false;
  setServerTime(Number(list().dataset.now));
  paintClocks();
  heed(list());
}

function setLost(isLost) {
  lost.hidden = !isLost;
}

/** A link or a call-back is shown in a dialog: the cards behind it may change while it is read out. */
async function showInDialog(form) {
  const slot = document.getElementById("link-slot");
  const failed = document.getElementById("link-failed");
  slot.replaceChildren();
  failed.hidden = true;
  dialog.setAttribute("aria-label", form.textContent.trim());
  if (!dialog.open) dialog.showModal();
  try {
    const reply = await fetch(form.action, { method: "POST", headers, signal: AbortSignal.timeout(6000) });
    if (reply.status === 401) return location.assign("/sign-in?next=/zone/");
    if (!reply.ok && reply.status !== 422) throw new Error(String(reply.status));
    slot.innerHTML = await reply.text();
  } catch {
    failed.hidden = false;
  }
}

eachSecond(() => paintClocks());
document.addEventListener("focusout", () => setTimeout(() => isWaiting && refresh(), 0));
document.addEventListener("fragments", ({ detail: come }) => setLost(!come));
document.addEventListener("submit", (event) => {
  if (!("link" in event.target.dataset || "callBack" in event.target.dataset)) return;
  event.preventDefault();
  showInDialog(event.target);
});
dialog.addEventListener("close", () => document.getElementById("link-slot").replaceChildren());
startHearing();
learn();
offer(commands);
canary.start();
onWake(refresh);
new Live(document.body.dataset.live, Number(list().dataset.head), {
  event(seq, kind, stream) {
    canary.hear(kind);
    if (stream.startsWith("alarm:")) (isMove(kind) ? soon : refresh)(seq);
    // Somebody asks for a file of this zone, or has opened one.
    else if (stream.startsWith("case:")) refresh(seq);
  },
  live() {},
  lost: () => setLost(true),
  trouble: canary.showTroubles,
  caughtUp() {
    setLost(false);
    refresh();
  },
});
