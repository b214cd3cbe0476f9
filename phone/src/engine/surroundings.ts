/** Where the phone is and how it is, from the platform. Nothing is asked before the person allowed it. */
import { type Position, Source } from "../core/envelope";
import type { Surroundings } from "./engine";

const UINT16 = 0xffff;
// What is finer came from satellites, very likely; the platform does not say.
const FINE_M = 50;
// At rest a fix of this age is good enough.
const AT_REST_MS = 300_000;

interface BatteryManager {
  readonly level: number;
}

export class Platform implements Surroundings {
  private fix: GeolocationPosition | null = null;
  private phonePct: number | null = null;
  private watching: number | null = null;
  private isAlarm = false;
  private answered: ((isAllowed: boolean) => void) | null = null;
  private microphone: PermissionState | null = null;
  isAllowed = false;
  /** Whether she chose to be heard in an alarm. */
  wantsMicrophone: () => boolean = () => false;
  /** Called when the person allows or refuses the position, also later on in the browser's settings. */
  onPermission: (isAllowed: boolean) => void = () => undefined;
  /** The same of the microphone, for those who chose to be heard. */
  onMicrophone: (isAllowed: boolean) => void = () => undefined;

  /** Begins to watch the position when it is allowed already. */
  async start(): Promise<void> {
    const getBattery = (navigator as { getBattery?: () => Promise<BatteryManager> }).getBattery;
    // Some browsers have it and refuse it: then it is not known, and nothing else waits for it.
    const battery = await getBattery?.call(navigator).catch(() => null);
    if (battery) {
      const note = () => (this.phonePct = Math.round(battery.level * 100));
      note();
      (battery as unknown as EventTarget).addEventListener("levelchange", note);
    }
    await this.followMicrophone();
    const permission = await navigator.permissions?.query({ name: "geolocation" }).catch(() => null);
    permission?.addEventListener("change", () => {
      if (permission.state === "granted") this.watch();
      else this.permit(false);
    });
    if (permission?.state === "granted") {
      this.isAllowed = true;
      this.watch();
    }
  }

  /** Follows what the browser says of the microphone: it may take the permission back without a word. */
  private async followMicrophone(): Promise<void> {
    const permission = await navigator.permissions?.query({ name: "microphone" as PermissionName }).catch(() => null);
    this.microphone = permission?.state ?? null;
    permission?.addEventListener("change", () => {
      this.microphone = permission.state;
      if (this.wantsMicrophone()) this.onMicrophone(!this.isMicrophoneRefused);
    });
  }

  /** Nobody is asked in an alarm, so what is not allowed yet is refused then. */
  get isMicrophoneRefused(): boolean {
    return this.wantsMicrophone() && this.microphone !== null && this.microphone !== "granted";
  }

  /** Asks the person, once, and watches from then on. Resolves with whether it is allowed. */
  askForPosition(): Promise<boolean> {
    return new Promise((resolve) => {
      this.answered = resolve;
      this.watch();
    });
  }

  /** Asks the person for the microphone, and lets go of it at once. Resolves with whether it is allowed. */
  async askForMicrophone(): Promise<boolean> {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      for (const track of stream.getTracks()) track.stop();
      return true;
    } catch {
      return false;
    }
  }

  get isPositionRefused(): boolean {
    return !this.isAllowed;
  }

  /** In an alarm the best fix, at whatever cost; at rest one that costs little, so that the first message has a place. */
  follow(isAlarm: boolean): void {
    if (isAlarm === this.isAlarm) return;
    this.isAlarm = isAlarm;
    if (this.isAllowed) this.watch();
  }

  private watch(): void {
    if (this.watching !== null) navigator.geolocation.clearWatch(this.watching);
    const options = this.isAlarm
      ? { enableHighAccuracy: true, maximumAge: 0, timeout: 30_000 }
      : { enableHighAccuracy: false, maximumAge: AT_REST_MS, timeout: 30_000 };
    this.watching = navigator.geolocation.watchPosition(
      (fix) => {
        this.fix = fix;
        this.permit(true);
      },
      (error) => this.permit(error.code !== error.PERMISSION_DENIED),
      options,
    );
  }

  private permit(isAllowed: boolean): void {
    const isNews = isAllowed !== this.isAllowed || this.answered !== null;
    this.isAllowed = isAllowed;
    if (!isAllowed) this.fix = null;
    this.answered?.(isAllowed);
    this.answered = null;
    if (isNews) this.onPermission(isAllowed);
  }

  nowMs(): number {
    return Date.now();
  }

  battery(): { readonly phone_pct: number | null } {
    return { phone_pct: this.phonePct };
  }

  position(): Position | null {
    if (this.fix === null) return null;
    const { latitude, longitude, accuracy } = this.fix.coords;
    const age = Math.max(0, Math.round((Date.now() - this.fix.timestamp) / 1000));
    return {
      lat_e7: Math.round(latitude * 1e7),
      lon_e7: Math.round(longitude * 1e7),
      accuracy_m: Math.min(UINT16, Math.ceil(accuracy)),
      age_s: Math.min(UINT16, age),
      source: accuracy <= FINE_M ? Source.SATELLITE : Source.NETWORK,
    };
  }
}
