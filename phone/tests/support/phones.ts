/** Phones for tests: the real store and engine, with a played radio and surroundings, which Node does not have. */
import { vi } from "vitest";
import type { Advertised } from "../../src/core/bthome";
import { type Bytes, joined, utf8 } from "../../src/core/bytes";
import { cmac } from "../../src/core/cmac";
import type { Settings } from "../../src/core/enrolment";
import { Kind, type Message, type Position, Source, Trigger } from "../../src/core/envelope";
import type { Receipt } from "../../src/core/receipt";
import { Engine, type Surroundings } from "../../src/engine/engine";
import type { Listener } from "../../src/engine/listener";
import type { Radio, RadioEvents } from "../../src/radio/port";
import { type Outgoing, PhoneStore } from "../../src/store/store";
import { Sender } from "../../src/transport/sender";
import { emptyDisk, rowsOf } from "./disk";
import { BUTTON_KEY, Intake } from "./intake";
import { until } from "./waiting";

export const NOW_MS = 1_700_000_000_000;
export const HERE: Position = { lat_e7: 504_542_000, lon_e7: 39_523_000, accuracy_m: 12, age_s: 0, source: Source.SATELLITE };

/** A message as the engine makes it; the store gives the counter. */
export function message(kind: Kind, fields: Partial<Message> = {}): Message {
  const empty = { position: null, battery: null, link: null, trigger: null, press: null, body: null };
  return { kind, counter: 0, sent_at_s: NOW_MS / 1000, ...empty, ...fields };
}

/** A receipt as the store gets it, when it is proven. */
export function receipt(fields: Partial<Receipt> = {}): Receipt {
  return { seq: 1, alarm: "", received_at: 5, state: "received", next_counter: 1, pending: [], signature: "", ...fields };
}

/** What the button says of a press. `age_s`: null when its clock is not to be trusted. */
export async function frame(counter: number, age_s: number | null = 0, battery = 80, key: Bytes = BUTTON_KEY): Promise<Bytes> {
  const fields = new DataView(new ArrayBuffer(11));
  fields.setUint8(0, 1);
  fields.setUint8(1, 1);
  fields.setUint32(2, counter, true);
  fields.setUint16(6, 2000, true);
  fields.setUint16(8, age_s ?? 0xffff, true);
  fields.setUint8(10, battery);
  const bytes = new Uint8Array(fields.buffer);
  return joined(bytes, (await cmac(key, joined(utf8("egide-b1"), bytes))).slice(0, 8));
}

export const LONG = 0x04;
export const SHORT = 0x01;

export function advertised(counter: number, ...events: number[]): Advertised {
  return { counter, events, battery_pct: 60, packet: null };
}

/** A radio that is told what it hears, and remembers what it was to say. */
export class PlayedRadio implements Radio {
  isPaired = true;
  isConnected = true;
  buttonName = "b";
  pct: number | null = 70;
  readonly acks: Bytes[] = [];
  events: RadioEvents | null = null;
  isStopped = false;

  async pair(): Promise<null> {
    return null;
  }

  async recall(): Promise<boolean> {
    return true;
  }

  start(events: RadioEvents): void {
    this.events = events;
  }

  stop(): void {
    this.isStopped = true;
  }

  async acknowledge(ack: Bytes): Promise<void> {
    this.acks.push(ack);
  }

  /** Every hold time that the button took. */
  readonly holds: Bytes[] = [];

  async setHold(frame: Bytes): Promise<boolean> {
    if (this.isConnected) this.holds.push(frame);
    return this.isConnected;
  }

  async batteryPct(): Promise<number | null> {
    return this.pct;
  }
}

/** Where the phone is, as the test says. */
export class PlayedSurroundings implements Surroundings {
  place: Position | null = HERE;
  isPositionRefused = false;
  isMicrophoneRefused = false;
  clockMs = NOW_MS;
  readonly followed: boolean[] = [];

  position(): Position | null {
    return this.place;
  }

  follow(isAlarm: boolean): void {
    if (this.followed.at(-1) !== isAlarm) this.followed.push(isAlarm);
  }

  battery(): { readonly phone_pct: number } {
    return { phone_pct: 90 };
  }

  nowMs(): number {
    return this.clockMs;
  }
}

/** What the page was told, in order. */
export class Told implements Listener {
  readonly steps: string[] = [];

  /** How often the button was heard with a press. */
  heard = 0;
  onTest = () => void this.steps.push("test");
  onButton = () => void (this.heard += 1);
  onStored = ({ counter }: Outgoing) => void this.steps.push(`stored ${counter}`);
  onReceipt = ({ counter }: Outgoing) => void this.steps.push(`receipt ${counter}`);
  onState = (state: string) => void this.steps.push(`state ${state}`);
  onRefused = (status: number) => void this.steps.push(`refused ${status}`);
  onUnreachable = () => void this.steps.push("unreachable");
  onNotStored = () => void this.steps.push("not stored");

  count(step: string): number {
    return this.steps.filter((told) => told.startsWith(step)).length;
  }
}

export interface Phone {
  readonly store: PhoneStore;
  readonly engine: Engine;
  readonly radio: PlayedRadio;
  readonly around: PlayedSurroundings;
  readonly told: Told;
  /** How long each pause between attempts was to be, and each wait before the next word of how things are, in ms. */
  readonly pauses: () => number[];
  readonly waits: () => number[];
}

const running: Phone[] = [];

/** A phone that is enrolled at `intake`, on the disk as it is; its engine is not started. */
export async function phone(intake: Intake, settings: Partial<Settings> = {}, servers?: readonly string[]): Promise<Phone> {
  const store = await PhoneStore.open();
  const [radio, around, told] = [new PlayedRadio(), new PlayedSurroundings(), new Told()];
  const sender = new Sender(servers ?? [intake.url]);
  const engine = new Engine(intake.enrolment(settings, servers), store, radio, sender, around, told);
  const [pausing, waiting] = [vi.spyOn(engine["hurry"], "wait"), vi.spyOn(engine["told"], "wait")];
  const pauses = () => pausing.mock.calls.map(([ms]) => ms!);
  const waits = () => waiting.mock.calls.map(([ms]) => ms!);
  const made = { store, engine, radio, around, told, pauses, waits };
  running.push(made);
  return made;
}

/** The same, at work. */
export async function workingPhone(intake: Intake, settings: Partial<Settings> = {}, servers?: readonly string[]): Promise<Phone> {
  const made = await phone(intake, settings, servers);
  await made.engine.start();
  return made;
}

/** Until nothing is left to do before time passes or something happens. */
export async function quiet({ engine }: Phone): Promise<void> {
  await until(async () => engine["told"]["waiting"].size && engine["others"]["added"]["waiting"].size && (await rowsOf("outbox")).length === 0);
}

/** Time stands still until a test moves it: what waits for it waits. All else goes on. */
export function holdTimers(): void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
}

/** An intake, a disk that never saw the app, and held timers. */
export async function freshIntake(): Promise<Intake> {
  emptyDisk();
  holdTimers();
  return Intake.open();
}

/** Ends what a test began with it. */
export async function endPhones(intake: Intake): Promise<void> {
  for (const { engine } of running.splice(0)) engine.stop();
  await intake.close();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
}

export const SCREEN = message(Kind.PRESS, { trigger: Trigger.SCREEN, position: HERE });
