/**
 * Lets a push service vouch for this page's storage: the browser gives its subscription up with it, and the zone hears of
 * it within the hour (safety rule 22). Nothing is ever shown: what the service is asked, no browser can open.
 */
import { fromBase64url } from "../core/bytes";

/** What is needed of the phone besides the browser: what was said is remembered, and the zone is notified. */
interface Telling {
  recall(): Promise<{ endpoint: string } | null>;
  remember(told: { endpoint: string }): Promise<void>;
  note(word: string): Promise<void>;
}

export class Reach {
  constructor(
    private readonly key: string,
    private readonly telling: Telling,
  ) {}

  /** Whether this browser and this installation can do it at all, and she may still be asked. */
  get isPossible(): boolean {
    const isKnown = "serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis;
    return this.key !== "" && isKnown && Notification.permission !== "denied";
  }

  /** Whether the zone knows where to ask. */
  async isOn(): Promise<boolean> {
    return ((await this.telling.recall())?.endpoint ?? "") !== "";
  }

  /** Asks her, and tells the zone. False: refused, or the browser cannot be reached. */
  async turnOn(): Promise<boolean> {
    if (!this.isPossible || (await Notification.requestPermission()) !== "granted") return false;
    const endpoint = await this.subscribed().catch(() => "");
    if (endpoint !== "") await this.tell(endpoint);
    return endpoint !== "";
  }

  async turnOff(): Promise<void> {
    const registration = await navigator.serviceWorker.getRegistration();
    await (await registration?.pushManager.getSubscription())?.unsubscribe();
    await this.tell("");
  }

  /** At each start: the zone learns of another address, and that she took the permission back. */
  async keep(): Promise<void> {
    if (!(await this.isOn())) return;
    if (!this.isPossible || Notification.permission !== "granted") return this.tell("");
    await this.tell(await this.subscribed().catch(() => ""));
  }

  private async subscribed(): Promise<string> {
    const { pushManager } = await navigator.serviceWorker.ready;
    const before = await pushManager.getSubscription();
    const made = before ?? (await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: fromBase64url(this.key, 65) }));
    return made.endpoint;
  }

  private async tell(endpoint: string): Promise<void> {
    if (((await this.telling.recall())?.endpoint ?? "") === endpoint) return;
    await this.telling.note(endpoint === "" ? "push-off" : `push:${endpoint}`);
    await this.telling.remember({ endpoint });
  }
}
