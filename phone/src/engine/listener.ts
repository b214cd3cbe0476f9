/** What the engine tells of what it does. It shows nothing itself. */
import type { Receipt } from "../core/receipt";
import type { Outgoing } from "../store/store";

/** What the page shows and does about it. */
export interface Listener {
  /** The armed test was made, and is kept. */
  onTest(): void;
  /** The button was heard with a press that is kept. */
  onButton(): void;
  onStored(press: Outgoing): void;
  onReceipt(sent: Outgoing, receipt: Receipt): void;
  onState(state: string): void;
  onRefused(status: number): void;
  onUnreachable(): void;
  onNotStored(): void;
}
