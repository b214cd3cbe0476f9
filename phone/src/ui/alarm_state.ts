/** What the person is told of a press, and what of it stands in the store. */
import type { Press } from "../store/store";

export type AlarmState = "" | "stored" | "received" | "acknowledged";

export function stateOf(press: Press): AlarmState {
  if (press.state === "acknowledged") return "acknowledged";
  return press.receivedAtMs === null ? "stored" : "received";
}
