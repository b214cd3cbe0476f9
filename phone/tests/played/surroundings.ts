/** In the place of the browser's own: where the phone is and what is allowed, as a history says. */
import type { Position } from "../../src/core/envelope";
import type { Surroundings } from "../../src/engine/engine";

/** What outlives the page. */
export const platform = { place: null as Position | null, phonePct: null as number | null, mayLocate: true, mayListen: true };

export class Platform implements Surroundings {
  wantsMicrophone: () => boolean = () => false;
  onPermission: (isAllowed: boolean) => void = () => undefined;
  onMicrophone: (isAllowed: boolean) => void = () => undefined;

  async start(): Promise<void> {}

  get isAllowed(): boolean {
    return platform.mayLocate;
  }

  get isPositionRefused(): boolean {
    return !platform.mayLocate;
  }

  get isMicrophoneRefused(): boolean {
    return this.wantsMicrophone() && !platform.mayListen;
  }

  follow(): void {}

  position(): Position | null {
    return platform.mayLocate ? platform.place : null;
  }

  battery(): { readonly phone_pct: number | null } {
    return { phone_pct: platform.phonePct };
  }

  nowMs(): number {
    return Date.now();
  }
}
