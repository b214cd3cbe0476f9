/** What was proven of this phone, and when; and what follows from it for the person (safety rules 16 and 40). */
import { type Check, type Conditions, type Honesty, BUTTON_LASTS_MS, Warning, checksToShow, honesty } from "../core/proofs";
import type { App } from "./app";

export class Standing {
  /** The last receipt of a server, in ms since 1970. */
  answeredAtMs: number | null = null;
  /** The same, as long as it proves something: null when conditions changed since. */
  provedAtMs: number | null = null;
  /** When the phone last wrote something down and read the same again. */
  checkedAtMs: number | null = null;
  /** Whether the browser promised to keep what the phone writes down; null where it does not say. */
  isLasting: boolean | null = null;
  /** Whether an icon on the home screen opened this page, so that there was a kit here. */
  isFromIcon = false;
  told: readonly Check[] = [];
  private readonly warning = new Warning();

  constructor(private readonly app: App) {}

  prove(): void {
    this.answeredAtMs = this.provedAtMs = this.app.platform.nowMs();
  }

  /** Writes something down and reads it again. A store that refuses is for the app to say. */
  async check(): Promise<void> {
    const { store, platform } = this.app;
    const atMs = platform.nowMs();
    try {
      await store.remember("checked", { atMs });
      if ((await store.recall<{ atMs: number }>("checked"))?.atMs === atMs) this.checkedAtMs = atMs;
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      this.app.alarm.onNotStored();
    }
    this.isLasting = (await navigator.storage?.persisted?.()) ?? null;
    this.app.changed();
  }

  get conditions(): Conditions {
    const { radio, chosen, platform, engine } = this.app;
    const { trouble } = this.app.alarm;
    const { isPaired, isConnected } = radio;
    return {
      nowMs: platform.nowMs(),
      provedAtMs: this.provedAtMs,
      checkedAtMs: this.checkedAtMs,
      isOnline: navigator.onLine,
      isRefused: trouble === "refused",
      isStoring: trouble !== "not-stored",
      positionAllowed: platform.isAllowed,
      buttonConnected: isPaired || chosen.now.hasButton ? isConnected : null,
      buttonHeardAtMs: chosen.now.buttonHeardAtMs,
      holdsScreen: chosen.now.holdsScreen,
      phonePct: platform.battery().phone_pct,
      buttonPct: engine?.buttonPct ?? null,
    };
  }

  get honesty(): Honesty {
    return honesty(this.conditions);
  }

  get testIsDue(): boolean {
    const last = this.app.codes.page.testedAtMs;
    return last === null || this.app.platform.nowMs() - last > BUTTON_LASTS_MS;
  }

  /** Whether the first page should say quietly that she had better look. Never because of a press (safety rule 18). */
  get warns(): boolean {
    const { honesty: word, app } = this;
    if (app.enrolment === null) return this.isFromIcon;
    const { alarm, platform } = app;
    return this.warning.isDue({ word, nowMs: platform.nowMs(), isOpen: alarm.state !== "", isMuted: alarm.isMuted, isTold: this.told.length > 0 });
  }

  /** What is to be looked at, besides what the page says anyway; nothing in an alarm, nor while the phone plays dead. */
  get checks(): readonly Check[] {
    return this.app.alarm.isMuted || this.app.alarm.state !== "" ? [] : checksToShow(this.told, this.honesty, this.testIsDue);
  }
}
