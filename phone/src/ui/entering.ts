/**
 * What a code does: opens the page, says "I am safe", or tells the desk that she is under threat. Whichever it was, the
 * same is asked and sent, nothing is written, and the page opens once the desk's server has signed.
 */
import { utf8 } from "../core/bytes";
import { NO_PAGE } from "../core/compartments";
import type { EnrolmentReply } from "../core/enrolment";
import { Kind, Trigger } from "../core/envelope";
import type { App } from "./app";
import type { Choices } from "./choices";

/** Why a code did not open. */
export type Shut = "wrong" | "offline" | "often";

/** Which of the two codes opened, once the desk has heard of it; or why none did. */
export type Answer = "own" | "threat" | Shut;

/**
 * What the phone keeps to itself until the alarm is closed; in memory alone.
 *
 * "cancelled": she said that she is safe. "threat": a code under threat opened the app, which looks as always.
 * "threat-cancelled": a code under threat was taken for "I am safe", and all looks as after that. "unsure": an earlier life of
 * this page left an open alarm, and nobody knows which code was entered in it.
 */
export type Quiet = "" | "cancelled" | "threat" | "threat-cancelled" | "unsure";

const SAFE = utf8("safe");

/** Her own code opens the app. The one for threats opens it too, tells the police, and mutes the phone. */
export async function enter(app: App, code: string): Promise<Answer> {
  const entry = await app.codes.enter(code);
  if (entry === "threat") return underThreat(app, "threat");
  if (entry !== "own") return entry;
  const isThere = await app.engine!.untraced.say(Kind.HEARTBEAT, { press: await pressOf(app), position: null });
  if (isHeard(app, isThere) && app.alarm.quiet === "unsure") {
    app.alarm.quiet = "";
    app.engine!.tellNow();
  }
  return isHeard(app, isThere) ? "own" : "offline";
}

/** "I am safe", by code: information for the operator, nothing more (safety rule 8). */
export async function cancel(app: App, code: string): Promise<Answer> {
  const entry = await app.codes.enter(code);
  if (entry === "threat") return underThreat(app, "threat-cancelled");
  if (entry !== "own") return entry;
  app.alarm.putQuestionAway();
  if (!app.alarm.isMuted) app.alarm.quiet = "cancelled";
  return (await said(app, Trigger.SCREEN)) ? "own" : "offline";
}

/** Quiet first, then reported: nothing may show or vibrate in between. */
async function underThreat(app: App, asked: "threat" | "threat-cancelled"): Promise<Answer> {
  app.alarm.putQuestionAway();
  app.alarm.quiet = app.alarm.quiet === "" || app.alarm.quiet === "unsure" ? asked : app.alarm.quiet === "threat" ? "threat" : "threat-cancelled";
  const isOpen = (await pressOf(app)) !== null || app.engine!.untraced.isFollowing;
  if (isOpen) return (await said(app, Trigger.DURESS)) ? "threat" : "offline";
  const isThere = app.engine!.untraced.say(Kind.PRESS, { trigger: Trigger.DURESS });
  void app.listen();
  return isHeard(app, await isThere) ? "threat" : "offline";
}

async function pressOf(app: App): Promise<number | null> {
  return (await app.store.openPress().catch(() => null))?.counter ?? null;
}

async function said(app: App, trigger: number): Promise<boolean> {
  const isThere = await app.engine!.untraced.say(Kind.CANCEL, { press: await pressOf(app), body: SAFE, trigger });
  app.changed();
  return isHeard(app, isThere);
}

/** A phone that the server does not know any more opens all the same: the page says so, and to dial 112 (safety rule 10). */
function isHeard(app: App, isThere: boolean): boolean {
  return isThere || app.alarm.isUnknown;
}

/** What an older version kept among the choices. */
type Old = Choices & { readonly quiet?: string; readonly testedAtMs?: number | null };

function withoutOld(now: Old): Choices {
  const { pin, duress, quiet, testedAtMs, ...choices } = now;
  return choices;
}

/**
 * The first codes of this phone, with what its enrolment was answered, or both anew. All is kept, or nothing. Rejects with
 * Refused or Unreachable when the server gives no half, and with a DOMException when nothing can be kept.
 */
export async function chooseCodes(app: App, own: string, threat: string, reply: EnrolmentReply | null): Promise<void> {
  const { testedAtMs = null } = app.chosen.now as Old;
  let kept: Choices | null = null;
  // What is kept, not what the page began with: the kit may have been set anew since, and may be while the server is asked.
  const recalled = async () => reply ?? (await app.store.recall<EnrolmentReply>("enrolment"))!;
  const { kit, button_id, servers } = await recalled();
  const keep = async (codes: { compartments: object }) => {
    // What a press does not need lies under her code alone.
    const enrolment = { ...(await recalled()), kit: "", button_id: "" };
    // What is chosen now, too: the button may have been heard, or the microphone refused, while the server was asked.
    kept = app.chosen.now;
    const all = { ...codes, enrolment, choices: withoutOld(kept) };
    await app.store.rememberAll(reply ? { ...all, servers: [...new Set([...app.roads.servers, ...servers])] } : all);
  };
  const { engine } = app;
  // Chosen anew: what only the open page says goes on lying under the new codes.
  const open = reply === null ? app.codes.page : NO_PAGE;
  const page = { kit: kit || open.kit, button: button_id || open.button, testedAtMs: testedAtMs ?? open.testedAtMs };
  await app.codes.choose(own, threat, page, engine ? (codes) => engine.kit.alone(() => keep(codes)) : keep);
  const isLater = app.chosen.now !== kept;
  app.chosen.now = withoutOld(app.chosen.now);
  if (isLater) await app.chosen.change({});
  if (reply) await app.run({ ...reply, kit: "", button_id: "" });
}
