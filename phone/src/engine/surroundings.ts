/** Where the phone is and how it is, from the platform. Nothing is asked before the person allowed it. */
import { type Position, Source } from "../core/envelope";
import type { Surroundings } from "./engine";

const UINT16 = 0xffff;
// A fix that is younger came from the satellites' own chip or the network; the platform does not say which.
const FINE_M = 50;

interface BatteryManager {
  readonly level: number;
}

export class Platform implements Surroundings {
  private fix: GeolocationPosition | null = null;
  private phonePct: number | null = null;
  private watching: number | null = null;
  isAllowed = false;

  /** Begins to watch the position when it is allowed already. */
  async start(): Promise<void> {
    const getBattery = (navigator as { getBattery?: () => Promise<BatteryManager> }).getBattery;
    if (getBattery) {
      const battery = await getBattery.call(navigator);
      const note = () => (this.phonePct = Math.round(battery.level * 100));
      note();
      (battery as unknown as EventTarget).addEventListener("levelchange", note);
    }
    const permission = await navigator.permissions?.query({ name: "geolocation" }).catch(() => null);
    if (permission?.state === "granted") await this.askForPosition();
  }

  /** Asks the person, once, and watches from then on. Resolves with whether it is allowed. */
  askForPosition(): Promise<boolean> {
    if (this.watching !== null) navigator.geolocation.clearWatch(this.watching);
    return new Promise((resolve) => {
      const options = { enableHighAccuracy: true, maximumAge: 0, timeout: 30_000 };
      this.watching = navigator.geolocation.watchPosition(
        (fix) => {
          this.fix = fix;
          this.isAllowed = true;
          resolve(true);
        },
        (error) => {
          if (error.code === error.PERMISSION_DENIED) this.isAllowed = false;
          else this.isAllowed = true;
          resolve(this.isAllowed);
        },
        options,
      );
    });
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
