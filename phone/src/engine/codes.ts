/** The two codes: what they open, how they are chosen, and the page that is open now. */
import { type Bytes, fromHex, toHex } from "../core/bytes";
import { type Compartments, NO_PAGE, type Opened, type Page, opened, rewritten, sealed } from "../core/compartments";
import { SALT_BYTES, keyOf, openingRequest, partOf, stretched, tagOf } from "../core/opening";
import { type HashedPin, judgePin } from "../core/pin";
import type { PhoneStore } from "../store/store";
import { Refused, Unreachable } from "../transport/failures";
import type { Sender } from "../transport/sender";

/** What a code is: one of the two, another, or not to be known now: no network, or too many different ones. */
type Entry = "own" | "threat" | "wrong" | "offline" | "often";

const TOO_MANY = 429;

interface Kept {
  readonly salt: string;
  readonly compartments: Compartments;
}

/** The codes of a store that was made before there were compartments. */
export interface OldCodes {
  readonly pin?: HashedPin | null;
  readonly duress?: HashedPin | null;
}

export class Codes {
  private open: Opened | null = null;
  // What came while no page was open is written into the next that is.
  private unwritten: Partial<Page> = {};

  constructor(
    private readonly store: PhoneStore,
    private readonly sender: () => Sender,
    private old: OldCodes,
  ) {}

  /** Of the code that opened it; empty while none did. A code that is asked for on an open page changes nothing of it. */
  get page(): Page {
    return { ...NO_PAGE, ...this.open?.page, ...this.unwritten };
  }

  /** Whether the store is one made before: both codes are to be chosen again. */
  get mustBeChosen(): boolean {
    return Boolean(this.old.pin);
  }

  /** Whether anything opens with a code here. */
  async areChosen(): Promise<boolean> {
    return this.mustBeChosen || (await this.store.recall<Kept>("compartments")) !== null;
  }

  async enter(code: string): Promise<Entry> {
    if (this.old.pin) return verdictOf(await judgePin(code, this.old.pin, this.old.duress ?? null));
    const kept = await this.store.recall<Kept>("compartments");
    if (kept === null) return "wrong";
    try {
      const found = await opened(await this.key(code, fromHex(kept.salt)), kept.compartments);
      if (found === null) return "wrong";
      this.open ??= found;
      return found.isThreat ? "threat" : "own";
    } catch (error) {
      if (error instanceof Refused && error.status === TOO_MANY) return "often";
      if (error instanceof Refused || error instanceof Unreachable || error instanceof RangeError) return "offline";
      throw error;
    }
  }

  /**
   * Sets both codes, once `keep` has kept them with whatever else there is, all or nothing: it is called when the server has
   * given its halves, seconds later perhaps. Rejects with Unreachable or Refused when it gives none, and as `keep` does.
   */
  async choose(own: string, threat: string, page: Page, keep: (codes: { compartments: object }) => Promise<void>): Promise<void> {
    const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
    const ownKey = await this.key(own, salt);
    const compartments = await sealed(ownKey, await this.key(threat, salt), page);
    const kept: Kept = { salt: toHex(salt), compartments };
    await keep({ compartments: kept });
    this.old = {};
    this.open = await opened(ownKey, compartments);
  }

  /** Keeps a fact of the page that is open; both compartments look new, whichever it is. */
  async note(change: Partial<Page>): Promise<void> {
    this.unwritten = { ...this.unwritten, ...change };
    const kept = await this.store.recall<Kept>("compartments");
    if (this.open === null || kept === null) return;
    const page = this.page;
    await this.store.remember("compartments", { ...kept, compartments: await rewritten(this.open, page, kept.compartments) });
    this.open = { ...this.open, page };
    this.unwritten = {};
  }

  /** The keys are forgotten; what was noted meanwhile waits in memory. */
  close(): void {
    this.open = null;
  }

  private async key(code: string, salt: Bytes): Promise<Bytes> {
    const stretch = await stretched(code, salt);
    const request = await openingRequest(await tagOf(stretch), this.store.key);
    return keyOf(stretch, partOf(await this.sender().open(request)));
  }
}

function verdictOf(verdict: "right" | "duress" | "wrong"): Entry {
  if (verdict === "wrong") return "wrong";
  return verdict === "right" ? "own" : "threat";
}
