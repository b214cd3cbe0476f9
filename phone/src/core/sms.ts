/**
 * The SMS road as text: a signed message as two text messages, for when there is a mobile network and no data.
 *
 * Each is "EG1", its number, "/", their count, and half of the bytes in base64url: signs that the GSM 7-bit default
 * alphabet has (3GPP TS 23.038, section 6.2.1), one message each. Vectors, shared with the server: contracts/sms.json.
 */
import { type Bytes, fromBase64url, joined, toBase64url } from "./bytes";

const COUNT = 2;
const MARK = "EG1";
/** One message of 140 bytes in septets (3GPP TS 23.040, section 9.2.3.16). */
export const LONGEST = 160;

/** `envelope` (230 bytes at most; a press has 133 at most) as the texts of two messages. Throws RangeError for what does not fit. */
export function smsTexts(envelope: Bytes): [string, string] {
  const half = Math.ceil(envelope.length / COUNT);
  const [first, second] = [envelope.slice(0, half), envelope.slice(half)].map((part, at) => `${MARK}${at + 1}/${COUNT}${toBase64url(part)}`);
  if (first!.length > LONGEST) throw new RangeError(`${envelope.length} bytes do not fit into ${COUNT} text messages`);
  return [first!, second!];
}

/** The bytes that two texts carry, in whatever order they come. Throws RangeError for anything but a pair. */
export function envelopeOfSms(texts: readonly string[]): Bytes {
  const ordered = [...texts].sort();
  if (ordered.length !== COUNT) throw new RangeError(`${ordered.length} text messages, expected ${COUNT}`);
  const head = (at: number) => `${MARK}${at + 1}/${COUNT}`;
  const parts = ordered.map((text, at) => {
    if (!text.startsWith(head(at)) || text.length > LONGEST) throw new RangeError(`not part ${at + 1} of a message`);
    return fromBase64url(text.slice(head(at).length));
  });
  return joined(...parts);
}
