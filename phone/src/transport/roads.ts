/** Where this installation's servers are; `sms` is a telephone number, or empty. */
export interface Roads {
  readonly servers: readonly string[];
  readonly sms: string;
  /** Only there may a button be used that anybody can follow (safety rule 21). */
  readonly isDemo: boolean;
}
