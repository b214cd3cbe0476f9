/** Setting the phone up: code, two codes to open it, permissions one by one with a reason, the button, done. */
import { fromBase64url, toHex } from "../core/bytes";
import { type EnrolmentReply, enrolmentReplyOf, enrolmentRequest } from "../core/enrolment";
import { hashedPin, isPin } from "../core/pin";
import { text } from "../locales";
import { RadioError } from "../radio/port";
import { Refused, Sender, Unreachable } from "../transport/sender";
import type { App } from "./app";
import { el, heading, show } from "./dom";

/** Leads through the steps; `done` is called at the end. `code` comes from the officer's QR, or is typed. */
export function showEnrolment(app: App, code: string, done: () => void): void {
  const input = el("input", { id: "code", value: code, autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: 20 });
  const fault = el("p", { class: "line alarm", role: "alert", id: "enrol-fault" });
  const button = el("button", { class: "go", id: "enrol-next" }, text("enrol.next"));
  const send = async (event: Event) => {
    event.preventDefault();
    button.disabled = true;
    fault.textContent = text("enrol.working");
    const reply = await enrolled(app, input.value).catch((error: unknown) => {
      fault.textContent = faultOf(error);
      return null;
    });
    button.disabled = false;
    if (reply) choosePin(app, reply, done);
  };
  const form = el(
    "form",
    { onsubmit: (event) => void send(event) },
    el("label", {}, text("enrol.code"), input),
    el("p", { class: "muted" }, text("enrol.code.hint")),
    fault,
    button,
  );
  show(el("main", { class: "phone" }, heading(text("enrol.title")), form), text("decoy.weather"));
  if (code) button.focus();
  else input.focus();
}

/** Asks the server; nothing is kept before the answer can be trusted. */
async function enrolled(app: App, code: string): Promise<EnrolmentReply> {
  const answer = await new Sender(app.roads.servers).enrol(await enrolmentRequest(code, app.store.key));
  return enrolmentReplyOf(answer, toHex(app.store.key.kid));
}

function faultOf(error: unknown): string {
  if (error instanceof Refused) return text("enrol.refused");
  if (error instanceof Unreachable) return text("enrol.unreachable");
  if (error instanceof RangeError || error instanceof TypeError) return text("enrol.untrusted");
  throw error;
}

function choosePin(app: App, reply: EnrolmentReply, done: () => void): void {
  const digits = (id: string) => el("input", { id, type: "password", inputmode: "numeric", autocomplete: "off", minlength: 4, maxlength: 8 });
  const [own, duress] = [digits("pin"), digits("duress-pin")];
  const fault = el("p", { class: "line alarm", role: "alert" });
  const keep = async (event: Event) => {
    event.preventDefault();
    if (!isPin(own.value) || !isPin(duress.value)) fault.textContent = text("pin.short");
    else if (own.value === duress.value) fault.textContent = text("pin.same");
    else {
      // The enrolment comes last: without it the phone begins anew, and never opens without a code.
      await app.chosen.change({ pin: await hashedPin(own.value), duress: await hashedPin(duress.value) });
      await app.store.remember("servers", [...new Set([...app.roads.servers, ...reply.servers])]);
      await app.store.remember("enrolment", reply);
      await app.run(reply);
      askPosition(app, done);
    }
  };
  const form = el(
    "form",
    { onsubmit: (event) => void keep(event) },
    el("label", {}, text("pin.choose"), own),
    el("label", {}, text("pin.choose.duress"), duress),
    el("p", { class: "muted" }, text("pin.choose.duress.why")),
    fault,
    el("button", { class: "go", id: "pin-next" }, text("enrol.next")),
  );
  show(el("main", { class: "phone" }, heading(text("pin.title")), form), text("decoy.weather"));
}

/** One permission, why it is asked for, and a way on without it. */
function ask(title: string, why: string, allow: string, deny: string, want: () => Promise<string>, next: () => void): void {
  const fault = el("p", { class: "line alarm", role: "alert" });
  const choose = async () => {
    const refused = await want();
    if (refused === "") next();
    else fault.textContent = refused;
  };
  const page = el(
    "main",
    { class: "phone" },
    heading(title),
    el("p", {}, why),
    fault,
    el("button", { class: "go", id: "allow", onclick: () => void choose() }, allow),
    el("button", { id: "deny", onclick: next }, deny),
  );
  show(page, text("decoy.weather"));
}

function askPosition(app: App, done: () => void): void {
  const want = async () => ((await app.platform.askForPosition()) ? "" : text("permission.position.refused"));
  ask(text("permission.position"), text("permission.position.why"), text("permission.allow"), text("permission.later"), want, () =>
    askMicrophone(app, done),
  );
}

function askMicrophone(app: App, done: () => void): void {
  const want = async () => {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      for (const track of stream.getTracks()) track.stop();
    } catch {
      return text("permission.microphone.refused");
    }
    await app.chosen.change({ listens: true });
    return "";
  };
  ask(text("permission.microphone"), text("permission.microphone.why"), text("permission.want"), text("permission.no"), want, () =>
    pairButton(app, () => showDone(done)),
  );
}

/** The button once more: after a reload the browser may have forgotten it. */
export function pairAgain(app: App, done: () => void): void {
  pairButton(app, done);
}

function pairButton(app: App, done: () => void): void {
  const want = async () => {
    try {
      await app.radio.pair(fromBase64url(app.enrolment!.button_key, 16));
    } catch (error) {
      if (error instanceof RadioError) return text(`radio.${error.word}`);
      throw error;
    }
    await app.chosen.change({ hasButton: true });
    app.engine?.tellNow();
    return "";
  };
  ask(text("button.title"), text("button.steps"), text("button.pair"), text("button.without"), want, done);
}

function showDone(done: () => void): void {
  const page = el(
    "main",
    { class: "phone" },
    heading(text("done.title")),
    el("p", {}, text("done.why")),
    el("button", { class: "go", id: "done", onclick: done }, text("enrol.next")),
  );
  show(page, text("decoy.weather"));
}
