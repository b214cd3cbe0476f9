/** Which radio a button needs, and how the linked one is found again. */
import { type Bytes, fromHex } from "../core/bytes";
import { AdvertisedRadio } from "./advertised";
import type { Radio } from "./port";
import { WebBluetoothRadio } from "./web_bluetooth";

/** The button that was linked: the platform's name for it, and the address (hexadecimal) of one that only broadcasts. */
export interface Linked {
  readonly name: string;
  readonly address: string | null;
}

export function radioFor(address: string | null, isDemo: boolean): Radio {
  return address === null ? new WebBluetoothRadio() : new AdvertisedRadio(fromHex(address), isDemo);
}

/**
 * Links the button. What it said for that is said several times; it must not become an alarm a moment later. Resolves
 * with whether the button was pressed for it.
 */
export async function link(radio: Radio, buttonKey: Bytes, store: { noteButton(counter: number): Promise<void> }): Promise<boolean> {
  const said = await radio.pair(buttonKey);
  if (said !== null) await store.noteButton(said);
  return said !== null;
}
