/**
 * A button that only broadcasts (BTHome v2, encrypted), heard over Web Bluetooth's `watchAdvertisements` (W3C Community
 * Group draft; in Chromium behind a flag). It cannot be acknowledged, and anybody can follow it: for demonstrations only.
 */
import { type Advertised, BthomeError, decodeBthome } from "../core/bthome";
import { type Bytes } from "../core/bytes";
import { type Radio, RadioError, type RadioEvents } from "./port";
import { bytesOf, forget, known } from "./web_bluetooth";

const SERVICE_DATA = 0xfcd2;
const FIRST_WORD_MS = 30_000;
const NAMES = { "not-encrypted": "unencrypted", "not-version-2": "unknown-kind", "wrong-key": "not-ours" } as const;

export class AdvertisedRadio implements Radio {
  private device: BluetoothDevice | null = null;
  private key: Bytes | null = null;
  private events: RadioEvents | null = null;
  private isListening = false;

  /** `address`: 6 bytes, as printed on the button; a web page never learns it. */
  constructor(
    private readonly address: Bytes,
    private readonly mayBeFindable: boolean,
  ) {}

  static isSupported(): boolean {
    return "bluetooth" in navigator && "BluetoothDevice" in self && "watchAdvertisements" in (self.BluetoothDevice as { prototype: object }).prototype;
  }

  get isPaired(): boolean {
    return this.device !== null;
  }

  /** Whether the browser listens. Such a button says nothing at rest. */
  get isConnected(): boolean {
    return this.device !== null && this.isListening;
  }

  /** Waits for one advertisement that this kit's key opens: the person presses once meanwhile. */
  async pair(buttonKey: Bytes): Promise<number> {
    if (!this.mayBeFindable) throw new RadioError("findable");
    if (!("bluetooth" in navigator)) throw new RadioError("unsupported");
    if (!AdvertisedRadio.isSupported()) throw new RadioError("cannot-listen");
    const device = await chosen();
    let counter: number;
    try {
      ({ counter } = await this.heardFrom(device, buttonKey));
    } catch (error) {
      forget(device);
      throw error;
    }
    this.adopt(device, buttonKey);
    return counter;
  }

  get buttonName(): string {
    return this.device?.id ?? "";
  }

  async recall(buttonKey: Bytes, name: string): Promise<boolean> {
    const device = AdvertisedRadio.isSupported() ? await known(name) : undefined;
    if (device) this.adopt(device, buttonKey);
    return device !== undefined;
  }

  start(events: RadioEvents): void {
    this.events = events;
    void this.listen();
  }

  stop(): void {
    this.events = null;
    this.isListening = false;
  }

  async acknowledge(): Promise<void> {
    // Nobody can: it broadcasts a few times and is silent.
  }

  async setHold(): Promise<boolean> {
    return false;
  }

  async batteryPct(): Promise<number | null> {
    return null;
  }

  private adopt(device: BluetoothDevice, key: Bytes): void {
    if (device !== this.device) device.addEventListener("advertisementreceived", (event) => device === this.device && void this.hear(event));
    this.device = device;
    this.key = key;
    if (this.events) void this.listen();
  }

  private async listen(): Promise<void> {
    if (this.device === null || this.isListening) return;
    try {
      await this.device.watchAdvertisements();
      this.isListening = true;
    } catch {
      this.isListening = false;
    }
    this.events?.onLink(this.isListening);
  }

  private async hear(event: BluetoothAdvertisingEvent): Promise<void> {
    const data = serviceDataOf(event);
    if (data === null || this.key === null) return;
    try {
      this.events?.onAdvertised(await decodeBthome(data, this.address, this.key));
    } catch (error) {
      if (!(error instanceof BthomeError)) throw error;
      this.events?.onTrouble("button-frame-refused");
    }
  }

  private async heardFrom(device: BluetoothDevice, key: Bytes): Promise<Advertised> {
    const ended = new AbortController();
    const first = new Promise<Bytes>((resolve, reject) => {
      const { signal } = ended;
      const timer = setTimeout(() => reject(new RadioError("lost")), FIRST_WORD_MS);
      signal.addEventListener("abort", () => clearTimeout(timer));
      const take = (event: Event) => {
        const data = serviceDataOf(event as BluetoothAdvertisingEvent);
        if (data) resolve(data);
      };
      device.addEventListener("advertisementreceived", take, { signal });
    });
    try {
      await device.watchAdvertisements();
      return await decodeBthome(await first, this.address, key);
    } catch (error) {
      if (error instanceof RadioError) throw error;
      if (error instanceof BthomeError) throw new RadioError(NAMES[error.reason as keyof typeof NAMES] ?? "unknown-kind");
      throw new RadioError("failed");
    } finally {
      ended.abort();
    }
  }
}

async function chosen(): Promise<BluetoothDevice> {
  try {
    // Chromium has no filter for service data; without the name of the service it would not tell its data.
    return await navigator.bluetooth.requestDevice({ acceptAllDevices: true, optionalServices: [SERVICE_DATA] });
  } catch {
    throw new RadioError("not-chosen");
  }
}

function serviceDataOf(event: BluetoothAdvertisingEvent): Bytes | null {
  for (const [uuid, data] of event.serviceData) if (String(uuid).startsWith("0000fcd2-")) return bytesOf(data);
  return null;
}
