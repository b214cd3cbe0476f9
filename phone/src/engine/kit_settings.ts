/**
 * What signed replies change in what the enrolment gave: the kit's settings, kept and confirmed (the hold time goes on to
 * the button), and the keys by which the server is believed.
 */
import { type Bytes, toBase64url } from "../core/bytes";
import type { EnrolmentReply, Settings } from "../core/enrolment";
import { encodeHold } from "../core/frame";
import type { Pending } from "../core/receipt";
import type { Pinned } from "../core/receipt_key";
import { BUTTON_TOOK, PHONE_TOOK, settingsIn } from "../core/settings";
import type { Radio } from "../radio/port";
import type { PhoneStore } from "../store/store";

export class KitSettings {
  private buttonHas: number | null = null;
  private turn: Promise<void> = Promise.resolve();

  constructor(
    public now: Settings,
    private readonly store: PhoneStore,
    private readonly radio: Radio,
    private readonly buttonKey: Bytes,
    private readonly note: (word: string) => Promise<void>,
  ) {}

  /**
   * Whether a reply changed anything. What is out of bounds or older changes nothing; the same again means that our word
   * did not arrive, and it is said again.
   */
  async take(pending: readonly Pending[]): Promise<boolean> {
    const wanted = settingsIn(pending);
    const version = this.now.version ?? 0;
    if (wanted === null || wanted.version! < version) return false;
    const isNews = wanted.version! > version;
    if (isNews) {
      await this.amend({ settings: wanted });
      this.now = wanted;
    }
    await this.note(`${PHONE_TOOK}${wanted.version}`);
    return isNews;
  }

  /** Keeps over a restart by which keys the server is believed. When the store refuses, the chain is asked for again then. */
  async pin({ key, ahead }: Pinned): Promise<void> {
    await this.amend({ server_key: toBase64url(key), server_key_ahead: ahead ? toBase64url(ahead) : "" }).catch(() => {});
  }

  private amend(change: Partial<EnrolmentReply>): Promise<void> {
    return this.alone(async () => {
      const enrolment = await this.store.recall<EnrolmentReply>("enrolment");
      await this.store.remember("enrolment", { ...enrolment, ...change });
    });
  }

  /** One change of the enrolment after the other, each of what lies there then: new codes take her kit out of it, too. */
  alone(change: () => Promise<void>): Promise<void> {
    const changed = this.turn.then(change);
    this.turn = changed.catch(() => {});
    return changed;
  }

  /** Tells the button its hold time, once for each version; what did not arrive is tried with the next word. */
  async giveToButton(): Promise<void> {
    const version = this.now.version ?? 0;
    if (version === 0 || !this.radio.isConnected) return;
    this.buttonHas ??= (await this.store.recall<{ version: number }>("button-settings"))?.version ?? 0;
    if (version <= this.buttonHas) return;
    if (!(await this.radio.setHold(await encodeHold(version, this.now.button_hold_ms ?? 2000, this.buttonKey)))) return;
    await this.store.remember("button-settings", { version });
    this.buttonHas = version;
    await this.note(`${BUTTON_TOOK}${version}`);
  }
}
