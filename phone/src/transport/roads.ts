/** Where this installation's servers are; `sms` is a telephone number, `push` its public key for push, or empty. */
export interface Roads {
  readonly servers: readonly string[];
  readonly sms: string;
  /** Whether the gateway can also send: then a press by SMS can be answered. */
  readonly smsAnswers: boolean;
  /** Only there may a button be used that anybody can follow (safety rule 21). */
  readonly isDemo: boolean;
  readonly push: string;
  /** At the latest after this many minutes without a word from this page the zone is notified. */
  readonly silentMinutes: number;
}
