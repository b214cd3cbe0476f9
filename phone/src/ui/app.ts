/** The app: it ties store, engine and screens together, and is what the person does at rest. Her alarm is `alarm`. */
import { version } from "../../package.json";
import { type Bytes, fromBase64url, toHex } from "../core/bytes";
import { type Client, type EnrolmentReply, enrolmentReplyOf, enrolmentRequest } from "../core/enrolment";
import { Alone } from "../engine/alone";
import { Codes } from "../engine/codes";
import { Engine } from "../engine/engine";
import { Listening } from "../engine/listening";
import { Reach } from "../engine/reach";
import { Platform } from "../engine/surroundings";
import { setLanguage } from "../locales";
import { link, type Linked, radioFor } from "../radio/linked";
import type { Radio } from "../radio/port";
import { forgetOthers } from "../radio/web_bluetooth";
import { PhoneStore } from "../store/store";
import type { Roads } from "../transport/roads";
import { Sender } from "../transport/sender";
import { Alarm } from "./alarm";
import { type Choices, Chosen, choicesOf } from "./choices";
import { type Answer, cancel, chooseCodes, enter } from "./entering";
import type { ChooseCodes, Inside } from "./inside";
import { Standing } from "./standing";
import { TestState, type TestStep } from "./test_state";

// At rest a round trip this often proves that an alarm would get through.
const PROVE_EVERY_MS = 60_000;

/** What this app is: a page that works only while it is open. Its key signs it, and the officer's page shows it. */
const WEB_PAGE: Client = { kind: "web", version };

/** What the screens show; `changed` is called whenever any of it changes. */
export class App implements Inside {
  readonly platform = new Platform();
  radio: Radio = radioFor(null, false);
  engine: Engine | null = null;
  enrolment: EnrolmentReply | null = null;
  readonly alarm = new Alarm(this);
  readonly codes: Codes;
  readonly test = new TestState();
  readonly standing = new Standing(this);
  readonly isSecondWay = true;
  readonly isUnknown = false;
  readonly hasMicrophone = true;
  readonly further = [];
  readonly lacks = [];
  readonly update = null;
  readonly buttons = ["own", "shelly"] as const;
  changed: () => void = () => undefined;
  listening: Listening | null = null;
  /** One for codes and messages: which address answered last is known to both. */
  private sender: Sender;
  private readonly alone = new Alone(() => void this.engine?.start(), () => this.pass());

  private constructor(
    readonly store: PhoneStore,
    readonly chosen: Chosen,
    readonly roads: Roads,
  ) {
    this.sender = new Sender(roads.servers);
    this.codes = new Codes(store, () => this.sender, chosen.now);
  }

  /** Opens the store and goes on from there; `roads` are those of the page's installation, `fresh` the choices before any were made. */
  static async open(roads: Roads, fresh: Choices): Promise<App> {
    const store = await PhoneStore.open();
    const choices = choicesOf(await store.recall<Partial<Choices>>("choices"), fresh);
    setLanguage(choices.language);
    const servers = [...new Set([...roads.servers, ...((await store.recall<string[]>("servers")) ?? [])])];
    const app = new App(store, new Chosen(store, choices), { ...roads, servers });
    const enrolment = await store.recall<EnrolmentReply>("enrolment");
    if (enrolment) await app.run(enrolment);
    return app;
  }

  /** Begins to work for an enrolled kit. */
  async run(enrolment: EnrolmentReply): Promise<void> {
    this.enrolment = enrolment;
    this.platform.onPermission = (isAllowed) => void this.engine?.note(isAllowed ? "position-allowed" : "position-refused");
    this.platform.wantsMicrophone = () => this.chosen.now.listens;
    this.platform.onMicrophone = (isAllowed) => {
      void this.engine?.note(isAllowed ? "microphone-allowed" : "microphone-refused");
      this.changed();
    };
    await this.platform.start();
    const linked = await this.store.recall<Linked>("button");
    if (linked) {
      this.radio = radioFor(linked.address, this.roads.isDemo);
      await this.radio.recall(this.buttonKey, linked.name);
    }
    void forgetOthers(linked?.name ?? "");
    this.beginAnew(enrolment);
    await this.takeUp();
    addEventListener("online", () => {
      this.engine?.tryNow();
      this.prove();
    });
    addEventListener("offline", () => this.unprove());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.alone.claim();
      this.engine?.tryNow();
      if (this.standing.honesty === "unproved") this.prove();
    });
    setInterval(() => this.prove(), PROVE_EVERY_MS);
    await this.noteVersion().catch(() => this.alarm.onNotStored());
    await this.store.reserve().catch(() => this.alarm.onNotStored());
    this.alone.claim();
    // Else a full disk may cost the keys.
    void navigator.storage?.persist?.();
    void this.standing.check();
  }

  get isSetUp(): boolean {
    return this.enrolment !== null;
  }

  /** Asks the server; nothing is kept before the answer can be trusted, and her codes are chosen. */
  async enrol(code: string): Promise<ChooseCodes> {
    const answer = await new Sender(this.roads.servers).enrol(await enrolmentRequest(code, this.store.key, WEB_PAGE));
    const reply = enrolmentReplyOf(answer, toHex(this.store.key.kid));
    return (own, threat) => chooseCodes(this, own, threat, reply);
  }

  get renew(): ChooseCodes {
    return (own, threat) => chooseCodes(this, own, threat, null);
  }

  get canLink(): boolean {
    return "bluetooth" in navigator;
  }

  get reach(): Reach {
    return new Reach(this.roads.push, {
      recall: () => this.store.recall<{ endpoint: string }>("push"),
      remember: (told) => this.store.remember("push", told),
      note: async (word) => this.engine?.note(word),
    });
  }

  onShown(): void {
    // A browser forbids nobody to picture a page.
  }

  private get buttonKey(): Bytes {
    return fromBase64url(this.enrolment!.button_key, 16);
  }

  /** Links the kit's button. Rejects with RadioError. `address`: of one that only broadcasts. */
  async pair(address: string | null): Promise<void> {
    const radio = radioFor(address, this.roads.isDemo);
    const isPressed = await link(radio, this.buttonKey, this.store);
    const linked: Linked = { name: radio.buttonName, address };
    await this.store.remember("button", linked);
    await this.chosen.change({ hasButton: true, buttonHeardAtMs: isPressed ? this.platform.nowMs() : null });
    this.pass();
    this.radio = radio;
    // As signed replies changed it since.
    this.enrolment = (await this.store.recall<EnrolmentReply>("enrolment")) ?? this.enrolment;
    await this.beginAnew(this.enrolment!).start();
  }

  private beginAnew(enrolment: EnrolmentReply): Engine {
    this.sender = new Sender(this.roads.servers);
    this.engine = new Engine(enrolment, this.store, this.radio, this.sender, this.platform, this.alarm);
    this.listening = new Listening(this.engine);
    return this.engine;
  }

  /** Another window works now; this one would still take a press on its screen, and as a real one. */
  private pass(): void {
    this.disarmTest();
    this.engine?.stop();
    this.listening?.stop();
    if (!this.enrolment) return;
    this.beginAnew(this.enrolment);
    this.unprove();
  }

  /** What an earlier life of this page left: an open alarm goes on as it stood. */
  private async takeUp(): Promise<void> {
    const press = await this.store.openPress();
    if (press === null) {
      if (this.chosen.now.listenOff) await this.chosen.change({ listenOff: false });
      return;
    }
    this.alarm.takeUp(press, (await this.store.unsentPresses())[0]?.data ?? null, await this.codes.areChosen());
    await this.listen();
  }

  /** The zone knows with which version this phone works. */
  private async noteVersion(): Promise<void> {
    if ((await this.store.recall<{ version: string }>("told"))?.version === version) return;
    await this.engine?.note(`app-version:${version}`);
    await this.store.remember("told", { version });
  }

  /** A round trip at rest and a look at the phone itself, so that the line about getting through is true. */
  private prove(): void {
    if (document.visibilityState !== "visible") return;
    this.engine?.tellNow();
    void this.standing.check();
  }

  unprove(): void {
    this.standing.provedAtMs = null;
    this.changed();
  }

  // -- the person's acts ---------------------------------------------------------------------------------------

  /** Holding the screen: an alarm, or the armed test. */
  async pressOnScreen(): Promise<void> {
    await this.engine?.pressOnScreen();
  }

  get holdMs(): number {
    return this.chosen.now.holdMs ?? this.engine?.holdMs ?? 2000;
  }

  armTest(nowMs: number): void {
    this.engine?.armTest(this.test.arm(nowMs));
    this.changed();
  }

  /** The first test, at setting up: by the button when there is one, else at once. */
  async testNow(): Promise<void> {
    this.armTest(this.platform.nowMs());
    if (!this.chosen.now.hasButton) await this.pressOnScreen();
  }

  /** The next press is real. What was made as a test before is still sent. */
  disarmTest(): void {
    if (!this.test.disarm()) return;
    this.engine?.armTest(0);
    this.changed();
  }

  get testStep(): TestStep {
    return this.test.step(this.platform.nowMs());
  }

  enter(code: string): Promise<Answer> {
    return enter(this, code);
  }

  cancel(code: string): Promise<Answer> {
    return cancel(this, code);
  }

  /** Asks the platform for the microphone, when she wants to be heard in an alarm. False: refused. */
  async allowListening(): Promise<boolean> {
    const isAllowed = await this.platform.askForMicrophone();
    if (isAllowed) await this.chosen.change({ listens: true });
    return isAllowed;
  }

  /** Nobody listens from now on, also in an alarm that is open. */
  async endListening(): Promise<void> {
    this.listening?.stop();
    await this.chosen.change({ listens: false });
  }

  async listen(): Promise<void> {
    if (this.chosen.now.listens && !this.chosen.now.listenOff) await this.listening?.start();
  }

  async tested(): Promise<void> {
    this.test.receive();
    await this.codes.note({ testedAtMs: this.platform.nowMs() });
    this.changed();
  }
}
