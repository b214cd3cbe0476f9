/** Setting the phone up: code, two codes to open it, permissions one by one with a reason, the button, done. */
import { isPin } from "../core/pin";
import { NoAddress } from "../core/invitation";
import { type Key, text } from "../locales";
import { RadioError } from "../radio/port";
import { Limited, Refused, ServersAway, Unreachable } from "../transport/failures";
import { readAloud } from "./aloud";
import { el, heading, show } from "./dom";
import type { ChooseCodes, Further, Inside } from "./inside";
import { whenLost } from "./lost";
import { type Pictogram, pictogram } from "./pictograms";

/**
 * Leads through the steps; `done` is called at the end. Until a server has taken the officer's code this is a page that
 * asks for a code and says nothing of what for: somebody else may have come here.
 */
export function showEnrolment(app: Inside, done: () => void, back: () => void): void {
  // Left between the code and her own codes: the officer's code is used up by then.
  if (app.enrolment !== null) return choosePin(app, app.renew, done);
  const input = el("input", { id: "code", "aria-label": text("pin.title"), autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: 200 });
  const fault = el("p", { class: "line ack", role: "alert", id: "enrol-fault" });
  const button = el("button", { class: "go", id: "enrol-next" }, text("enrol.next"));
  const send = async (event: Event) => {
    event.preventDefault();
    button.disabled = true;
    fault.textContent = text("enrol.working");
    const choose = await app.enrol(input.value).catch((error: unknown) => {
      fault.textContent = faultOf(error);
      return null;
    });
    button.disabled = false;
    if (choose) choosePin(app, choose, done);
  };
  const form = el(
    "form",
    { onsubmit: (event) => void send(event) },
    input,
    el("p", { class: "muted" }, text(app.isSecondWay ? "enrol.code.hint" : "enrol.address.hint")),
    fault,
    button,
    el("button", { type: "button", id: "enrol-back", onclick: back }, text("pin.back")),
  );
  show(el("main", { class: "phone" }, heading(text("pin.title")), form), text(`decoy.${app.chosen.now.decoy}`));
  input.focus();
}

function faultOf(error: unknown): string {
  // Of these none said anything of the code.
  if (error instanceof Unreachable || error instanceof ServersAway || error instanceof Limited) return text("enrol.unreachable");
  if (error instanceof Refused) return text("enrol.refused");
  if (error instanceof DOMException) return text("enrol.no-room");
  if (error instanceof NoAddress) return text("enrol.address");
  if (error instanceof RangeError || error instanceof TypeError) return text("enrol.untrusted");
  throw error;
}

function choosePin(app: Inside, choose: ChooseCodes, done: () => void): void {
  askCodes(app, "pin.title", choose, () => askPosition(app, done));
}

/** Both codes, once more: what they open is sealed anew. */
export function renewCodes(app: Inside, done: () => void): void {
  askCodes(app, "pin.renew", app.renew, done);
}

function askCodes(app: Inside, title: Key, choose: ChooseCodes, done: () => void): void {
  const digits = (id: string) => el("input", { id, type: "password", inputmode: "numeric", autocomplete: "off", minlength: 4, maxlength: 8 });
  const [own, duress] = [digits("pin"), digits("duress-pin")];
  const fault = el("p", { class: "line alarm", role: "alert", id: "codes-fault" });
  const next = el("button", { class: "go", id: "pin-next" }, text("enrol.next"));
  const keep = async (event: Event) => {
    event.preventDefault();
    fault.textContent = codesFault(own.value, duress.value);
    if (fault.textContent !== "") return;
    next.disabled = true;
    fault.textContent = text("enrol.working");
    const shut = await choose(own.value, duress.value).then(() => "", (error: unknown) => shutOf(error));
    next.disabled = false;
    fault.textContent = shut;
    if (shut === "" && page.isConnected) done();
  };
  const form = el(
    "form",
    { onsubmit: (event) => void keep(event) },
    el("label", {}, text("pin.choose"), own),
    el("label", {}, text("pin.choose.duress"), duress),
    el("p", { class: "muted" }, text("pin.choose.duress.why")),
    el("p", { class: "muted" }, text("pin.choose.network")),
    fault,
    next,
  );
  const page = el("main", { class: "phone" }, heading(text(title)), form);
  show(page, text(`decoy.${app.chosen.now.decoy}`));
}

function codesFault(own: string, duress: string): string {
  if (!isPin(own) || !isPin(duress)) return text("pin.short");
  return own === duress ? text("pin.same") : "";
}

function shutOf(error: unknown): string {
  if (error instanceof Refused) return text(error.status === 429 ? "pin.often" : "pin.offline");
  if (error instanceof Unreachable || error instanceof RangeError) return text("pin.offline");
  if (error instanceof DOMException) return text("honest.not-stored");
  throw error;
}

/** One step: what is asked for and why, and a way on without it. */
interface Step {
  readonly picture: Pictogram;
  readonly title: string;
  readonly why: readonly HTMLElement[];
  readonly allow: string;
  readonly deny: string;
  /** Resolves with what stands in the way, or "". */
  want(): Promise<string>;
  next(): void;
}

function ask(app: Inside, step: Step): void {
  const fault = el("p", { class: "line alarm", role: "alert" });
  const choose = async () => {
    fault.textContent = "";
    allow.disabled = true;
    const refused = await step.want();
    allow.disabled = false;
    // Somebody who has gone on meanwhile is not taken back.
    if (!page.isConnected) return;
    if (refused === "") step.next();
    else fault.textContent = refused;
  };
  const allow = el("button", { class: "go", id: "allow", onclick: () => void choose() }, step.allow, pictogram(step.picture));
  const deny = el("button", { id: "deny", onclick: () => step.next() }, step.deny);
  const page = el("main", { class: "phone" }, heading(step.title), ...step.why, fault, allow, deny, readAloud(app));
  show(page, text(`decoy.${app.chosen.now.decoy}`));
}

function askPosition(app: Inside, done: () => void): void {
  ask(app, {
    picture: "place",
    title: text("permission.position"),
    why: [el("p", {}, text("permission.position.why"))],
    allow: text("permission.allow"),
    deny: text("permission.later"),
    want: async () => ((await app.platform.askForPosition()) ? "" : text("permission.position.refused")),
    next: () => askMicrophone(app, done),
  });
}

/** What only some phones ask for, one after the other. */
function askFurther(app: Inside, left: readonly Further[], done: () => void): void {
  const [first, ...others] = left;
  if (first === undefined) return done();
  ask(app, {
    picture: first.picture,
    title: text(`permission.${first.word}`),
    why: [el("p", {}, text(`permission.${first.word}.why`))],
    allow: text("permission.allow"),
    deny: text("permission.later"),
    want: async () => ((await first.ask()) ? "" : text(`permission.${first.word}.refused`)),
    next: () => askFurther(app, others, done),
  });
}

function askMicrophone(app: Inside, done: () => void): void {
  const next = () => pairAgain(app, () => askFurther(app, app.further, () => askReach(app, () => showDone(app, done))));
  if (!app.hasMicrophone) return next();
  ask(app, {
    picture: "microphone",
    title: text("permission.microphone"),
    why: [el("p", {}, text("permission.microphone.why"))],
    allow: text("permission.want"),
    deny: text("permission.no"),
    want: async () => ((await app.allowListening()) ? "" : text("permission.microphone.refused")),
    next,
  });
}

/** A push service may vouch for this page's storage; where the browser cannot do that, she reads what holds without it. */
function askReach(app: Inside, done: () => void): void {
  const { reach } = app;
  if (!reach?.isPossible) return done();
  ask(app, {
    picture: "warning",
    title: text("lost.title"),
    why: [whenLost(app)!, el("p", {}, el("b", {}, text("lost.push"))), el("p", {}, text("lost.push.why"))],
    allow: text("permission.want"),
    deny: text("permission.no"),
    want: async () => ((await reach.turnOn()) ? "" : text("lost.push.refused")),
    next: done,
  });
}

/** Linking the button, at setting up or once more: after a reload the browser may have forgotten it. */
export function pairAgain(app: Inside, done: () => void): void {
  const address = el("input", { id: "button-address", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: 17 });
  const printed = el("label", { hidden: true }, text("button.address"), address);
  const steps = el("p", { id: "button-steps" }, text("button.steps.own"));
  const isShelly = () => model.value === "shelly";
  const change = () => {
    printed.hidden = !isShelly();
    steps.textContent = text(isShelly() ? "button.steps.shelly" : "button.steps.own");
  };
  const options = app.buttons.map((name) => el("option", { value: name }, text(`button.model.${name}`)));
  const model = el("select", { id: "button-model", onchange: change }, ...options);
  ask(app, {
    picture: "button",
    title: text("button.title"),
    why: [el("label", { hidden: app.buttons.length < 2 }, text("button.model"), model), steps, printed],
    allow: text("button.pair"),
    deny: text("button.without"),
    want: () => paired(app, isShelly() ? address.value : null),
    next: done,
  });
}

async function paired(app: Inside, address: string | null): Promise<string> {
  const digits = address?.replaceAll(/[\s:-]/g, "") ?? "";
  if (address !== null && !/^[0-9a-f]{12}$/i.test(digits)) return text("button.address.wrong");
  try {
    await app.pair(address === null ? null : digits);
  } catch (error) {
    if (error instanceof RadioError) return text(`radio.${error.word}`);
    throw error;
  }
  return "";
}

/** The end of setting up: the first test, seen on this screen and on the officer's. */
function showDone(app: Inside, done: () => void): void {
  const told = el("p", { class: "line test", role: "status", id: "first-test" });
  const send = el("button", { id: "send-test", onclick: () => void app.testNow() }, pictogram("test"), el("span", {}, text("done.test")), el("span", { class: "chip test" }, text("test.without")));
  app.changed = () => {
    const said = {
      none: "",
      armed: text(app.chosen.now.hasButton ? "done.test.button" : "enrol.working"),
      made: text("enrol.working"),
      received: text("test.received"),
    };
    told.dataset.received = String(app.testStep === "received");
    told.textContent = said[app.testStep];
  };
  const page = el(
    "main",
    { class: "phone" },
    heading(text("done.title")),
    el("p", {}, text("done.why")),
    send,
    told,
    el("p", { class: "muted" }, text("decoy.stale.why", { words: text("decoy.stale") })),
    app.isSecondWay && el("p", { id: "second-way" }, text("done.second")),
    whenLost(app),
    el("button", { class: "go", id: "done", onclick: done }, text("enrol.next")),
  );
  show(page, text(`decoy.${app.chosen.now.decoy}`));
}
