/**
 * The SMS road as text: a signed message as two text messages, for when there is a mobile network and no data.
 *
 * Each is "EG1", its number, "/", their count, and half of the bytes in base64url: signs that the GSM 7-bit default
 * alphabet has (3GPP TS 23.038, section 6.2.1), one message each. The second may ask for an answer: it then ends in "."
 * and the number of a sentence. Vectors, shared with the server: contracts/sms.json.
 */
import { type Bytes, toBase64url } from "./bytes";

const COUNT = 2;
const MARK = "EG1";
/** One message of 140 bytes in septets (3GPP TS 23.040, section 9.2.3.16). */
export const LONGEST = 160;
/** Sentences that tell her that a press arrived, and an onlooker nothing; numbered from 1, one language after the other. */
const ANSWERS = {
  fr: [
    "Votre colis est bien parti. Merci de votre commande.",
    "Le livre que vous avez réservé est à la bibliothèque.",
    "Demain, temps sec et vent faible.",
    "Pensez à prendre rendez-vous chez le dentiste cette année.",
  ],
  nl: [
    "Uw pakje is vertrokken. Bedankt voor uw bestelling.",
    "Het boek dat u reserveerde, ligt klaar in de bibliotheek.",
    "Morgen droog weer en weinig wind.",
    "Denk eraan dit jaar een afspraak te maken bij de tandarts.",
  ],
  de: [
    "Ihr Paket ist unterwegs. Danke für Ihre Bestellung.",
    "Das vorgemerkte Buch liegt in der Bibliothek bereit.",
    "Morgen trocken und wenig Wind.",
    "Denken Sie dieses Jahr an einen Termin beim Zahnarzt.",
  ],
  en: [
    "Your parcel is on its way. Thank you for your order.",
    "The book you reserved is ready at the library.",
    "Dry tomorrow, with little wind.",
    "Remember to see your dentist this year.",
  ],
} as const;

/** The number and words of the sentence that the phone with this key id (hex) asks for: always the same for a phone. */
export function answerFor(kid: string, language: keyof typeof ANSWERS): { readonly number: number; readonly words: string } {
  const sentences = ANSWERS[language];
  const at = Number.parseInt(kid.slice(0, 2), 16) % sentences.length;
  return { number: Object.keys(ANSWERS).indexOf(language) * sentences.length + at + 1, words: sentences[at]! };
}

/**
 * `envelope` (230 bytes at most; a press has 133 at most) as the texts of two messages, which ask for `answer` (0: for
 * none). Throws RangeError for what does not fit.
 */
export function smsTexts(envelope: Bytes, answer = 0): [string, string] {
  const half = Math.ceil(envelope.length / COUNT);
  const [first, second] = [envelope.slice(0, half), envelope.slice(half)].map((part, at) => `${MARK}${at + 1}/${COUNT}${toBase64url(part)}`);
  const asking = answer === 0 ? second! : `${second}.${answer}`;
  if (Math.max(first!.length, asking.length) > LONGEST) throw new RangeError(`${envelope.length} bytes do not fit into ${COUNT} text messages`);
  return [first!, asking];
}
