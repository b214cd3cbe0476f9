/**
 * The button over Web Bluetooth (W3C Community Group draft), as contracts/gatt.md describes it.
 *
 * It works only while this page is open; the browser keeps the bond. Chromium connects again without a new choice
 * through `getDevices`, where the platform has it.
 */
import { type Bytes, equal } from "../core/bytes";
import { NONCE_BYTES, claimAnswer, encodeClaim } from "../core/frame";
import { type Radio, RadioError, type RadioEvents, type RadioTrouble } from "./port";

const uuid = (short: string) => `8b3f000${short}-a7d5-4ac0-9c75-44fafc061aa0`;
const ALARM = uuid("1");
const PRESS = uuid("2");
const ACKNOWLEDGE = uuid("3");
const CLAIM = uuid("4");
const BATTERY = 0x180f;
const BATTERY_LEVEL = 0x2a19;
const CONNECT_AGAIN_MS = 1000;
// A platform may leave a promise open for ever when the link breaks in the middle of what it does, and wait for minutes
// for a button that went away: no step of the radio is waited for without an end.
const ANSWER_WITHIN_MS = 5000;
const CONNECT_WITHIN_MS = 30_000;
const CLAIM_WITHIN_MS = 12_000;
// The pairing window of the button is shorter.
const CHOICE_WITHIN_MS = 120_000;

export class WebBluetoothRadio implements Radio {
  private device: BluetoothDevice | null = null;
  private events: RadioEvents | null = null;
  private acknowledging: BluetoothRemoteGATTCharacteristic | null = null;
  private isStopped = true;
  private isClaimed = false;
  private isConnecting = false;
  private isLinked = false;
  private again: ReturnType<typeof setTimeout> | undefined;

  static isSupported(): boolean {
    return "bluetooth" in navigator;
  }

  get isPaired(): boolean {
    return this.device !== null && this.isClaimed;
  }

  get isConnected(): boolean {
    return this.isLinked && this.device?.gatt?.connected === true;
  }

  async pair(buttonKey: Bytes): Promise<null> {
    if (!WebBluetoothRadio.isSupported()) throw new RadioError("unsupported");
    if (!(await within(ANSWER_WITHIN_MS, navigator.bluetooth.getAvailability(), "stuck"))) throw new RadioError("off");
    const device = await this.chosen();
    try {
      await claim(device, buttonKey);
    } catch (error) {
      device.gatt?.disconnect();
      forget(device);
      throw error instanceof RadioError ? error : new RadioError("failed");
    }
    this.adopt(device);
    return null;
  }

  get buttonName(): string {
    return this.device?.id ?? "";
  }

  async recall(_buttonKey: Bytes, name: string): Promise<boolean> {
    const device = await known(name);
    if (device) this.adopt(device);
    return device !== undefined;
  }

  start(events: RadioEvents): void {
    this.events = events;
    this.isStopped = false;
    void this.listen();
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.again);
    this.device?.gatt?.disconnect();
  }

  async acknowledge(ack: Bytes): Promise<void> {
    try {
      if (this.acknowledging) await within(ANSWER_WITHIN_MS, this.acknowledging.writeValueWithResponse(ack));
    } catch {
      this.device?.gatt?.disconnect();
      this.lost();
    }
  }

  async setHold(frame: Bytes): Promise<boolean> {
    try {
      if (!this.acknowledging) return false;
      await within(ANSWER_WITHIN_MS, this.acknowledging.writeValueWithResponse(frame));
      return true;
    } catch {
      // A button that knows no such frame refuses it; its presses matter more than the link's good order.
      return false;
    }
  }

  async batteryPct(): Promise<number | null> {
    try {
      return await within(ANSWER_WITHIN_MS, levelOf(this.device));
    } catch {
      return null;
    }
  }

  private async chosen(): Promise<BluetoothDevice> {
    const wanted = { filters: [{ services: [ALARM] }], optionalServices: [BATTERY] };
    try {
      return await within(CHOICE_WITHIN_MS, navigator.bluetooth.requestDevice(wanted));
    } catch {
      throw new RadioError("not-chosen");
    }
  }

  private adopt(device: BluetoothDevice): void {
    if (device !== this.device) device.addEventListener("gattserverdisconnected", () => device === this.device && this.lost());
    this.device = device;
    this.isClaimed = true;
    if (!this.isStopped) void this.listen();
  }

  private async listen(): Promise<void> {
    if (this.isStopped || this.device === null || this.isConnected || this.isConnecting) return;
    this.isConnecting = true;
    try {
      await within(CONNECT_WITHIN_MS, this.subscribe(this.device));
      this.isLinked = true;
      this.events?.onLink(true);
    } catch {
      this.device.gatt?.disconnect();
      this.lost();
    } finally {
      this.isConnecting = false;
    }
  }

  private async subscribe(device: BluetoothDevice): Promise<void> {
    const server = await device.gatt!.connect();
    const service = await server.getPrimaryService(ALARM);
    const press = await service.getCharacteristic(PRESS);
    press.addEventListener("characteristicvaluechanged", () => this.heard(press.value));
    // What was pressed meanwhile comes as soon as the button hears that somebody listens, so this is first.
    this.acknowledging = await service.getCharacteristic(ACKNOWLEDGE);
    await press.startNotifications();
  }

  private heard(value: DataView | undefined): void {
    if (value) this.events?.onFrame(new Uint8Array(value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength) as ArrayBuffer));
  }

  private lost(): void {
    if (this.isLinked) this.events?.onLink(false);
    this.isLinked = false;
    this.acknowledging = null;
    clearTimeout(this.again);
    if (!this.isStopped) this.again = setTimeout(() => void this.listen(), CONNECT_AGAIN_MS);
  }
}

async function chosenBefore(): Promise<BluetoothDevice[]> {
  if (!("bluetooth" in navigator) || !("getDevices" in navigator.bluetooth)) return [];
  return within(ANSWER_WITHIN_MS, navigator.bluetooth.getDevices()).catch(() => []);
}

/** The device that was chosen before, where the browser remembers it and answers. */
export async function known(name: string): Promise<BluetoothDevice | undefined> {
  return (await chosenBefore()).find(({ id }) => id === name);
}

/** Whatever else was chosen once, and could not be forgotten then. */
export async function forgetOthers(name: string): Promise<void> {
  for (const device of await chosenBefore()) if (device.id !== name) forget(device);
}

/** A button that was refused is nothing to this page any more. Not waited for: whether it worked, the platform may never say. */
export function forget(device: BluetoothDevice): void {
  if ("forget" in device) void device.forget().catch(() => undefined);
}

/** Rejects with RadioError `word` when `work` takes longer. */
function within<Result>(ms: number, work: Promise<Result>, word: RadioTrouble = "lost"): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new RadioError(word)), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

async function levelOf(device: BluetoothDevice | null): Promise<number | null> {
  const service = await device?.gatt?.getPrimaryService(BATTERY);
  const level = await service?.getCharacteristic(BATTERY_LEVEL).then((found) => found.readValue());
  return level?.getUint8(0) ?? null;
}

/**
 * Both prove that they hold this button's key. One that hangs up once it has read our proof is somebody else's
 * (contracts/gatt.md, claim, step 3): the platform's own answer to the writing may get lost with the link.
 */
async function claim(device: BluetoothDevice, buttonKey: Bytes): Promise<void> {
  const ended = new AbortController();
  let hasProved = false;
  const gone = new Promise<never>((_resolve, reject) => {
    const hungUp = () => reject(new RadioError(hasProved ? "not-ours" : "lost"));
    device.addEventListener("gattserverdisconnected", hungUp, { signal: ended.signal });
  });
  try {
    await within(CLAIM_WITHIN_MS, Promise.race([gone, prove(device, buttonKey, () => (hasProved = true))]));
  } finally {
    ended.abort();
  }
}

/** Reading `claim` makes the platform pair. `proving` is called before the button hears of it. */
async function prove(device: BluetoothDevice, buttonKey: Bytes, proving: () => void): Promise<void> {
  const server = await device.gatt!.connect();
  const service = await server.getPrimaryService(ALARM);
  const characteristic = await service.getCharacteristic(CLAIM);
  const offered = bytesOf(await characteristic.readValue());
  if (offered.length !== 1 + NONCE_BYTES || offered[0] !== 0) throw new RadioError("not-ours");
  const buttonNonce = offered.slice(1);
  const phoneNonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const proof = await encodeClaim(buttonNonce, phoneNonce, buttonKey);
  proving();
  try {
    await characteristic.writeValueWithResponse(proof);
  } catch {
    throw new RadioError("not-ours");
  }
  const answer = bytesOf(await characteristic.readValue());
  const expected = await claimAnswer(buttonNonce, phoneNonce, buttonKey);
  if (answer[0] !== 1 || !equal(answer.slice(1), expected)) throw new RadioError("not-ours");
}

export function bytesOf(view: DataView): Bytes {
  return new Uint8Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength) as ArrayBuffer);
}
